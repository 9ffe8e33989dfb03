//! Installs what the tests need: Debian packages, npm packages, Python packages.

use std::fs;
use std::path::Path;

use anyhow::bail;

use crate::process::{self, command, output, succeeds};
use crate::workspace::Workspace;
use crate::{postgres, python, terminal};

/// A program that the tests use and this repository does not bring.
struct Need {
    package: &'static str,
    used_for: &'static str,
    is_there: fn() -> bool,
}

const NEEDS: [Need; 12] = [
    Need {
        package: "bubblewrap",
        used_for: "the tests of posters",
        is_there: || succeeds("bwrap", &["--version"]),
    },
    Need { package: "chromium", used_for: "the browser tests", is_there: chromium_is_there },
    Need {
        package: "clamav-daemon",
        used_for: "the scan by a real clamd",
        is_there: || Path::new("/usr/sbin/clamd").exists(),
    },
    Need {
        package: "curl",
        used_for: "the walk through the REST API",
        is_there: || succeeds("curl", &["--version"]),
    },
    Need {
        package: "ffmpeg",
        used_for: "the tests of posters",
        is_there: || succeeds("ffmpeg", &["-version"]),
    },
    Need {
        package: "firefox-esr",
        used_for: "the browser tests in Firefox",
        is_there: || Path::new("/usr/bin/firefox-esr").exists(),
    },
    Need {
        package: "jq",
        used_for: "the walk through the REST API",
        is_there: || succeeds("jq", &["--version"]),
    },
    Need {
        package: "python3-pip",
        used_for: "the resumable uploads by tuspy",
        is_there: || succeeds("python3", &["-m", "pip", "--version"]),
    },
    Need {
        package: "postgresql",
        used_for: "the storage tests on PostgreSQL",
        is_there: postgres::is_installed,
    },
    Need { package: "python3-venv", used_for: "the Python SDK", is_there: python::is_there },
    Need {
        package: "webkit2gtk-driver",
        used_for: "the browser tests in WebKit",
        is_there: || Path::new("/usr/bin/WebKitWebDriver").exists(),
    },
    Need {
        package: "xvfb",
        used_for: "the browser tests in WebKit",
        is_there: || Path::new("/usr/bin/Xvfb").exists(),
    },
];

/// Installs everything that is missing.
///
/// # Errors
///
/// If an installer fails, or if Node.js is not there.
pub(crate) fn run(workspace: &Workspace) -> anyhow::Result<()> {
    system_packages(workspace.root())?;
    if !succeeds("npm", &["--version"]) {
        bail!("npm is not installed: Node.js 20 or newer runs the JavaScript tests");
    }
    workspace.npm_packages().iter().try_for_each(|package| npm_packages(package))?;
    python::prepare(workspace)?;
    tuspy(workspace.root())
}

/// Whether the browser tests have a browser: Debian's, or the one that the environment names.
pub(crate) fn chromium_is_there() -> bool {
    Path::new("/usr/bin/chromium").exists() || std::env::var_os("CLOAKROOM_CHROMIUM").is_some()
}

/// Whether this process may install system packages, or act as another user.
pub(crate) fn is_root() -> bool {
    output(&mut command(Path::new("."), "id", &["-u"])).is_ok_and(|id| id == "0")
}

fn system_packages(root: &Path) -> anyhow::Result<()> {
    let missing: Vec<&Need> = NEEDS.iter().filter(|need| !(need.is_there)()).collect();
    if missing.is_empty() {
        return Ok(());
    }
    if !is_root() || !Path::new("/etc/debian_version").exists() {
        for Need { package, used_for, .. } in missing {
            terminal::line(&format!("please install {package}: {used_for} are skipped without it"));
        }
        return Ok(());
    }
    let packages = missing.iter().map(|need| need.package);
    let install: Vec<&str> = ["install", "--yes", "--quiet", "--no-install-recommends"]
        .into_iter()
        .chain(packages)
        .collect();
    run_apt(root, &["update", "--quiet"])?;
    run_apt(root, &install)
}

fn run_apt(root: &Path, arguments: &[&str]) -> anyhow::Result<()> {
    process::run(command(root, "apt-get", arguments).env("DEBIAN_FRONTEND", "noninteractive"))
}

/// A client of tus that others wrote, of exactly this version, for the tests of uploads.
const TUSPY: &str = "tuspy==1.1.0";

/// Installs it beside the build, where the browser tests look for it.
fn tuspy(root: &Path) -> anyhow::Result<()> {
    let folder = root.join("target/python-packages");
    if folder.join("tusclient").exists() {
        return Ok(());
    }
    let mut install = command(root, "python3", &["-m", "pip", "install", "--quiet", "--target"]);
    process::run(install.arg(&folder).arg(TUSPY))
}

/// Installs what the lock file names, unless that was done since the lock file changed.
fn npm_packages(package: &Path) -> anyhow::Result<()> {
    let changed = |path| fs::metadata(package.join(path)).and_then(|file| file.modified());
    if let (Ok(locked), Ok(installed)) =
        (changed("package-lock.json"), changed("node_modules/.package-lock.json"))
        && locked <= installed
    {
        return Ok(());
    }
    process::run(&mut command(package, "npm", &["ci", "--no-audit", "--no-fund"]))
}
