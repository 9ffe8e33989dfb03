//! The Python SDK: built into a wheel, installed into an environment of its own, tested there.

use std::fs;
use std::path::{Path, PathBuf};

use anyhow::Context as _;

use crate::process::{command, run, run_tests, succeeds};
use crate::stage::Outcome;
use crate::workspace::Workspace;

/// Whether there is a Python that the package supports and that can make environments.
pub(crate) fn is_there() -> bool {
    let asked = "import ensurepip, sys; sys.exit(sys.version_info < (3, 10))";
    succeeds("python3", &["-c", asked])
}

/// Makes the environment, unless that was done since what belongs into it changed.
pub(crate) fn prepare(workspace: &Workspace) -> anyhow::Result<()> {
    if !is_there() {
        return Ok(());
    }
    let Environment { package, bin, .. } = Environment::of(workspace);
    let requirements = package.join("requirements-test.txt");
    let installed = bin.join("requirements-test.txt");
    let wanted = fs::read(&requirements)?;
    if fs::read(&installed).is_ok_and(|installed| installed == wanted) {
        return Ok(());
    }
    let root = bin.parent().context("an environment without a root")?;
    run(&mut command(&package, "python3", &["-m".as_ref(), "venv".as_ref(), root.as_os_str()]))?;
    let pip = program(&bin, "pip");
    let options = ["install", "--quiet", "--disable-pip-version-check", "--requirement"];
    run(command(&package, &pip, &options).arg(&requirements))?;
    fs::write(installed, wanted)?;
    Ok(())
}

/// Builds the wheel, checks its types, and runs its tests against the server's binary.
pub(crate) fn test(workspace: &Workspace) -> anyhow::Result<Outcome> {
    if !is_there() {
        return Ok(Outcome::Skipped("no python3 of 3.10 or newer with venv".to_owned()));
    }
    let root = workspace.root();
    let Environment { package, bin, wheels } = Environment::of(workspace);
    run(&mut command(root, "cargo", &["build", "--package", "cloakroom-server"]))?;
    if wheels.exists() {
        fs::remove_dir_all(&wheels)?;
    }
    let python = program(&bin, "python");
    let maturin = ["build", "--quiet", "--locked", "--interpreter", &python, "--out"];
    // The same build as any other: its flags come from the workspace alone.
    run(command(&package, &program(&bin, "maturin"), &maturin)
        .arg(&wheels)
        .env("CARGO_TARGET_DIR", workspace.path("target")))?;
    let wheel = fs::read_dir(&wheels)?.next().context("maturin made no wheel")??.path();
    let install = ["install", "--quiet", "--disable-pip-version-check", "--no-index"];
    run(command(&package, &program(&bin, "pip"), &install)
        .args(["--no-deps", "--force-reinstall"])
        .arg(wheel))?;
    run(&mut command(&package, &program(&bin, "mypy"), &["python/cloakroom", "tests"]))?;
    run_tests(&mut command(&package, &program(&bin, "pytest"), &["-q"])).map(Outcome::Passed)
}

/// Where it all lies.
struct Environment {
    package: PathBuf,
    bin: PathBuf,
    wheels: PathBuf,
}

impl Environment {
    fn of(workspace: &Workspace) -> Self {
        Self {
            package: workspace.path("crates/python"),
            bin: workspace.path("target/python/bin"),
            wheels: workspace.path("target/wheels"),
        }
    }
}

fn program(bin: &Path, name: &str) -> String {
    bin.join(name).to_string_lossy().into_owned()
}
