//! wrk as the generator, on core 1: one thread, 32 connections that stay open.

use std::process::Command;

use anyhow::{Context, ensure};

use super::demo::Demo;
use crate::process::output;
use crate::workspace::Workspace;

/// One thing to measure.
pub(super) struct Load {
    pub(super) name: String,
    url: String,
    headers: Vec<String>,
    body: Option<(String, String)>,
    /// What one request counts for.
    pub(super) units: u32,
}

impl Load {
    pub(super) fn get(name: &str, url: &str, headers: &[String]) -> Self {
        Self {
            name: name.to_owned(),
            url: url.to_owned(),
            headers: headers.to_vec(),
            body: None,
            units: 1,
        }
    }

    pub(super) fn presign(name: &str, demo: &Demo, urls: u32) -> Self {
        let body = demo.presign_body(usize::try_from(urls).unwrap_or(1));
        Self {
            name: name.to_owned(),
            url: demo.presign_url(),
            headers: Vec::new(),
            body: Some((body, demo.token.clone())),
            units: urls,
        }
    }

    /// Requests a second.
    pub(super) fn run(&self, workspace: &Workspace, seconds: u32) -> anyhow::Result<f64> {
        let mut wrk = Command::new("taskset");
        wrk.args(["-c", "1", "wrk", "-t1", "-c32", &format!("-d{seconds}s")]);
        for header in &self.headers {
            wrk.args(["-H", header]);
        }
        if let Some((body, token)) = &self.body {
            wrk.arg("-s").arg(workspace.path("bench/presign.lua"));
            wrk.env("BENCH_BODY", body).env("BENCH_TOKEN", token);
        }
        let told = output(wrk.arg(&self.url))?;
        ensure!(!told.contains("Non-2xx"), "refused: {told}");
        let rate = told.lines().find_map(|line| line.strip_prefix("Requests/sec:"));
        Ok(rate.context("wrk tells no rate")?.trim().parse()?)
    }
}
