//! A `ReadGrant` cannot be forged: each attempt fails to compile, and the honest way compiles.

#[test]
fn a_grant_cannot_be_forged() {
    let cases = trybuild::TestCases::new();
    cases.pass("tests/forgery/decided.rs");
    cases.compile_fail("tests/forgery/admitted_by_hand.rs");
    cases.compile_fail("tests/forgery/built_by_hand.rs");
    cases.compile_fail("tests/forgery/constructor.rs");
    cases.compile_fail("tests/forgery/deserialized.rs");
    cases.compile_fail("tests/forgery/presigned_without.rs");
}
