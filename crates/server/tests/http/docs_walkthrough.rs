//! The walk through of docs/api.md, run as it stands there.

use std::process::{Command, Stdio};

use cloakroom_test::{API_KEY, APP, TestServer, gps_jpeg};

const PAGE: &str = include_str!("../../../../docs/api.md");
const PRINTS: &str = "# prints ";

/// The block of shell commands below a heading.
fn block<'a>(page: &'a str, heading: &str) -> &'a str {
    let (_, section) = page.split_once(heading).unwrap();
    let (_, rest) = section.split_once("```sh\n").unwrap();
    rest.split_once("\n```").unwrap().0
}

/// The commands, each promise followed by a mark in the output, and the promises.
fn instrumented(block: &str) -> (String, Vec<String>) {
    let (mut script, mut promises) = (String::new(), Vec::new());
    for line in block.lines() {
        script.push_str(line);
        script.push('\n');
        if let Some((_, promise)) = line.split_once(PRINTS) {
            promises.push(promise.trim().to_owned());
            script.push_str("echo @@@\n");
        }
    }
    (script, promises)
}

fn is_installed(program: &str) -> bool {
    let mut version = Command::new(program);
    version.arg("--version").stdout(Stdio::null()).status().is_ok_and(|status| status.success())
}

#[tokio::test]
async fn every_command_of_the_walk_through_prints_what_it_promises() {
    if let Some(missing) = ["bash", "curl", "jq"].into_iter().find(|name| !is_installed(name)) {
        eprintln!("SKIPPED: the walk through of docs/api.md ({missing} is not installed)");
        return;
    }
    let server = TestServer::start().await;
    let folder = tempfile::tempdir().unwrap();
    std::fs::write(folder.path().join("photo.jpg"), gps_jpeg()).unwrap();
    let block = block(PAGE, "## A walk through");
    let (first, rest) = block.split_once('\n').unwrap();
    assert!(first.starts_with("API=") && first.contains("KEY="), "{first}");
    let (script, promises) = instrumented(&rest.replace("appid: myapp", &format!("appid: {APP}")));
    assert!(promises.len() >= 7, "the walk through promises only {promises:?}");
    let api = format!("{}/v3", server.api_origin);
    let script = format!("set -euo pipefail\nAPI={api} KEY={API_KEY}\n{script}");
    let path = folder.path().to_owned();
    let ran = tokio::task::spawn_blocking(move || {
        Command::new("bash").arg("-c").arg(script).current_dir(path).output().unwrap()
    });
    let ran = ran.await.unwrap();
    let printed = String::from_utf8(ran.stdout).unwrap();
    let complaints = String::from_utf8_lossy(&ran.stderr);
    let printed: Vec<String> = printed
        .split("@@@\n")
        .map(|part| part.split_whitespace().collect::<Vec<_>>().join(" "))
        .collect();
    assert_eq!(printed[..printed.len() - 1], promises, "{complaints}");
    assert_eq!(printed.last().unwrap(), "", "every line that prints says what");
    assert!(ran.status.success(), "{complaints}");
    let copy = std::fs::read(folder.path().join("copy.jpg")).unwrap();
    assert!(copy.starts_with(&[0xff, 0xd8]) && copy.len() < gps_jpeg().len());
}

#[test]
fn a_promise_follows_the_output_it_is_about() {
    let page = "## Here\n\ntext\n```sh\nx=1  # a word\necho $x  # prints 1\n```\n";
    let (script, promises) = instrumented(block(page, "## Here"));
    assert_eq!(promises, ["1"]);
    assert_eq!(script, "x=1  # a word\necho $x  # prints 1\necho @@@\n");
}
