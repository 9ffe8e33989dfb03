//! Settings, headers, the API, TLS, logs: what makes private stay private.

use reqwest::Method;
use reqwest::header::{HOST, HeaderMap};
use url::{Host, Url};

use super::DoctorOptions;
use super::patients::{CannotExamine, Patients};
use super::report::{Check, Report};

/// What the app says of itself.
pub(super) async fn settings(
    options: &DoctorOptions,
    patients: &Patients,
    report: &mut Report,
) -> Result<(), CannotExamine> {
    let settings = patients.back_end(Method::GET, "/settings");
    let settings = patients.data("read the settings", settings).await?;
    let mode = settings["tokenBasedFileAccess"].as_str().unwrap_or_default().to_owned();
    let on = Check::new(
        "protection",
        "Token Based File Access is on",
        mode == "on",
        mode.clone(),
        "switch it on: dashboard → Chats → Settings",
    );
    report.add(if mode == "observe" { on.warning() } else { on });
    let is_off = settings["clientLoginByAuthKey"] == false;
    let login = Check::new(
        "login_off",
        "No web page logs a user in by an auth key",
        is_off,
        if is_off { "refused" } else { "allowed" },
        "whoever reads the key in a page logs in as anybody; make auth tokens in your back end",
    );
    report.add(if is_loopback(&options.api) { login.warning() } else { login });
    for (id, title, origin) in [
        ("tls.api", "The API is reached over TLS", options.api.as_str()),
        ("tls.media", "Media is reached over TLS", &patients.media_host()),
    ] {
        let is_safe = origin.starts_with("https:");
        report.add(if !is_safe && options.behind_tls_proxy {
            Check::skipped(id, title, "a TLS proxy was declared")
        } else {
            let answered = format!("{origin}{}", if is_safe { "" } else { ", in plain text" });
            let mend = "give [tls] files, or put a proxy in front that ends TLS";
            let check = Check::new(id, title, is_safe, answered, mend);
            if is_loopback(origin) { check.warning() } else { check }
        });
    }
    let (id, title) = ("domains", "The secure media host has a domain of its own");
    report.add(match &options.dashboard {
        None => Check::skipped(id, title, "name the dashboard with --dashboard"),
        Some(dashboard) => {
            let media = patients.media_host();
            let apart = !share_a_domain(dashboard, &media);
            let mend = "give media a domain of its own, apart from the dashboard's";
            Check::new(id, title, apart, format!("{media} and {dashboard}"), mend).warning()
        }
    });
    Ok(())
}

/// What stands on the answers of the secure media host.
pub(super) async fn headers(patients: &Patients, report: &mut Report) -> Result<(), CannotExamine> {
    const MEND: &str = "a proxy in front changes headers; pass them on as they are";
    let with_fat = patients.http.get(patients.with_fat(&patients.receiver));
    let file = patients.send(with_fat.header("origin", "https://page.example")).await?;
    let expected = [
        ("cache-control", "private, no-cache"),
        ("x-content-type-options", "nosniff"),
        ("content-security-policy", "sandbox"),
        ("referrer-policy", "no-referrer"),
        ("cross-origin-resource-policy", "cross-origin"),
        ("access-control-allow-origin", "*"),
        ("no-vary-search", "\"fat\""),
        ("vary", "fat"),
        ("etag", "\""),
    ];
    report.add(compare(
        "headers.file",
        "A file has the headers that keep it private",
        file.headers(),
        &expected,
        MEND,
    ));
    let refused = patients.send(patients.http.get(&patients.url)).await?;
    let expected = [
        ("cache-control", "no-store"),
        ("www-authenticate", "Bearer"),
        ("access-control-allow-origin", "*"),
        ("x-content-type-options", "nosniff"),
    ];
    let mut check = compare(
        "headers.refusal",
        "A refusal is not kept, and can be read by a web page",
        refused.headers(),
        &expected,
        MEND,
    );
    if refused.headers().contains_key("etag") {
        check = Check::new(check.id, check.title, false, "it carries the file's ETag", MEND);
    }
    report.add(check);
    let preflight = patients.http.request(Method::OPTIONS, &patients.url);
    let preflight = preflight.header("origin", "https://page.example");
    let preflight = preflight.header("access-control-request-method", "GET");
    let status = patients.send(preflight).await?.status();
    report.add(Check::new(
        "preflight",
        "A preflight is answered",
        status.is_success(),
        format!("status {}", status.as_u16()),
        MEND,
    ));
    let other = patients.http.get(&patients.url).header(HOST, "other.example");
    let status = patients.send(other).await?.status().as_u16();
    report.add(
        Check::new(
            "host",
            "Another Host name is not served",
            matches!(status, 400..500) && status != 401,
            format!("status {status}"),
            "a proxy rewrites the Host header; pass it on",
        )
        .warning(),
    );
    Ok(())
}

fn compare(
    id: &'static str,
    title: &'static str,
    headers: &HeaderMap,
    expected: &[(&'static str, &'static str)],
    mend: &'static str,
) -> Check {
    let is_so = |(name, part): &&(&str, &str)| {
        let mut values = headers.get_all(*name).iter().filter_map(|value| value.to_str().ok());
        !values.any(|value| value.contains(part))
    };
    let mut wrong: Vec<_> = expected.iter().filter(is_so).map(|(name, _)| *name).collect();
    if headers.contains_key("access-control-allow-credentials") {
        wrong.push("access-control-allow-credentials");
    }
    let answered = if wrong.is_empty() {
        "all are there".to_owned()
    } else {
        format!("wrong: {}", wrong.join(", "))
    };
    Check::new(id, title, wrong.is_empty(), answered, mend)
}

/// What the API does with credentials that are not for it.
pub(super) async fn api(
    options: &DoctorOptions,
    patients: &Patients,
    report: &mut Report,
) -> Result<(), CannotExamine> {
    const MEND: &str = "update Cloakroom; this must never work";
    let fat = &patients.receiver.fat;
    let mut taken = Vec::new();
    for (name, value) in [
        ("authtoken", fat.clone()),
        ("apikey", fat.clone()),
        ("fat", fat.clone()),
        ("authorization", format!("Bearer {fat}")),
    ] {
        if patients.send(patients.with("/me", name, &value)).await?.status().is_success() {
            taken.push(name);
        }
    }
    report.add(Check::new(
        "api.fat",
        "The API takes no File Access Token: a leaked one cannot renew itself",
        taken.is_empty(),
        if taken.is_empty() {
            "refused".to_owned()
        } else {
            format!("taken as {}", taken.join(", "))
        },
        MEND,
    ));
    let page = patients.back_end(Method::GET, "/settings").header("origin", "https://page.example");
    let status = patients.send(page).await?.status().as_u16();
    report.add(Check::new(
        "api.key_from_page",
        "A fullAccess key from a web page is refused",
        status == 403,
        format!("status {status}"),
        MEND,
    ));
    let listing = patients.by_user(&patients.outsider, Method::GET, "/media");
    let status = patients.send(listing).await?.status().as_u16();
    report.add(Check::new(
        "api.listing",
        "A user cannot list the files of the app",
        matches!(status, 401 | 403),
        format!("status {status} at {}", options.api),
        MEND,
    ));
    Ok(())
}

/// Whether a secret of this examination stands in a log.
pub(super) fn logs(options: &DoctorOptions, patients: &Patients, report: &mut Report) {
    let (id, title) = ("logs", "No secret stands in the log");
    if options.log.is_empty() {
        report.add(Check::skipped(id, title, "name a log file of the server with --log"));
        return;
    }
    let mut told = Vec::new();
    for path in &options.log {
        match std::fs::read(path) {
            Err(error) => told.push(format!("{} cannot be read: {error}", path.display())),
            Ok(bytes) => {
                let text = String::from_utf8_lossy(&bytes);
                let secrets = patients.secrets();
                match secrets.iter().filter(|secret| text.contains(**secret)).count() {
                    0 => {}
                    n => told.push(format!("{n} secrets stand in {}", path.display())),
                }
            }
        }
    }
    let answered =
        if told.is_empty() { "none of this examination".to_owned() } else { told.join(", ") };
    let mend = "let nothing in front log queries or the headers fat, authtoken, apikey";
    report.add(Check::new(id, title, told.is_empty(), answered, mend));
}

fn is_loopback(origin: &str) -> bool {
    match Url::parse(origin).ok().as_ref().and_then(Url::host) {
        Some(Host::Ipv4(v4)) => v4.is_loopback(),
        Some(Host::Ipv6(v6)) => v6.is_loopback(),
        Some(Host::Domain(name)) => name == "localhost" || name.ends_with(".localhost"),
        None => false,
    }
}

/// Whether two hosts end in the same two labels: a domain that somebody registered, or two of one
/// provider, who may set cookies for each other.
fn share_a_domain(one: &str, other: &str) -> bool {
    let tail = |origin: &str| match Url::parse(origin).ok()?.host()? {
        Host::Domain(name) => {
            let labels: Vec<_> = name.rsplit('.').take(2).map(str::to_owned).collect();
            Some(labels)
        }
        _ => None,
    };
    tail(one).is_some_and(|labels| Some(labels) == tail(other))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn hosts_of_one_domain_are_told() {
        for (one, other, same) in [
            ("https://files.example.com", "https://admin.example.com", true),
            ("https://files.example.net", "https://admin.example.com", false),
            ("http://127.0.0.1:8082", "http://127.0.0.1:8080", false),
        ] {
            assert_eq!(share_a_domain(one, other), same, "{one}");
        }
        for (origin, expected) in [
            ("http://127.0.0.1:1", true),
            ("http://localhost", true),
            ("http://[::1]", true),
            ("http://10.0.0.1", false),
        ] {
            assert_eq!(is_loopback(origin), expected, "{origin}");
        }
    }
}
