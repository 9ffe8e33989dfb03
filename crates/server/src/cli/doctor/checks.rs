//! Who gets the file, and who does not.

use reqwest::Method;
use serde_json::json;

use super::patients::{CannotExamine, Patients};
use super::report::{Check, Report};

const OPEN: &str = "switch Token Based File Access on: dashboard → Chats → Settings";
const BROKEN: &str = "somebody who may read the file cannot: look at GET media/{id}/explain";

fn said(status: u16) -> String {
    format!("status {status}")
}

/// The receiver reads, by each way to carry a credential.
pub(super) async fn readers(patients: &Patients, report: &mut Report) -> Result<(), CannotExamine> {
    let fat = &patients.receiver.fat;
    let get = || patients.http.get(&patients.url);
    for (id, title, call) in [
        (
            "read.query",
            "The receiver reads with ?fat=",
            patients.http.get(patients.with_fat(&patients.receiver)),
        ),
        ("read.header", "The receiver reads with the header fat", get().header("fat", fat)),
        ("read.bearer", "The receiver reads with a bearer token", get().bearer_auth(fat)),
        (
            "read.presigned",
            "The receiver reads with a presigned URL",
            patients.http.get(&patients.presigned),
        ),
        (
            "read.range",
            "The receiver reads a part",
            get().header("fat", fat).header("range", "bytes=0-3"),
        ),
    ] {
        let status = patients.send(call).await?.status().as_u16();
        let expected = if id == "read.range" { 206 } else { 200 };
        report.add(Check::new(id, title, status == expected, said(status), BROKEN));
    }
    Ok(())
}

/// Everybody else is refused.
pub(super) async fn strangers(
    patients: &Patients,
    report: &mut Report,
) -> Result<(), CannotExamine> {
    let get = || patients.http.get(&patients.url);
    let (fat, outsider) = (&patients.receiver.fat, &patients.outsider);
    let altered = patients.presigned.replace("Signature=", "Signature=A");
    let other_user = patients.presigned.replacen("Principal=s:", "Principal=u:", 1);
    let junk = "eyJhbGciOiJub25lIn0.e30.";
    let refused = [
        ("no_token", "Without a token: 401", 401, get()),
        ("no_token.range", "A part without a token: 401", 401, get().header("range", "bytes=0-3")),
        ("no_token.head", "HEAD without a token: 401", 401, patients.http.head(&patients.url)),
        ("junk_token", "With a token that nobody signed: 401", 401, get().header("fat", junk)),
        (
            "two_credentials",
            "With two different credentials: 401",
            401,
            get().header("fat", fat).bearer_auth(&outsider.fat),
        ),
        (
            "outsider",
            "Somebody outside the conversation: 403",
            403,
            patients.http.get(patients.with_fat(outsider)),
        ),
        (
            "presigned.altered",
            "A presigned URL that was altered: 403",
            403,
            patients.http.get(altered),
        ),
        (
            "presigned.other_user",
            "A presigned URL for somebody else: 403",
            403,
            patients.http.get(other_user),
        ),
    ];
    for (id, title, expected, call) in refused {
        let status = patients.send(call).await?.status().as_u16();
        report.add(Check::new(id, title, status == expected, said(status), OPEN));
    }
    let (id, title) = ("foreign_app", "A token of another app: 401");
    report.add(match &patients.foreign_fat {
        None => Check::skipped(id, title, "name another app with --other-app"),
        Some(fat) => {
            let status = patients.send(get().header("fat", fat)).await?.status().as_u16();
            Check::new(id, title, status == 401, said(status), OPEN)
        }
    });
    Ok(())
}

/// Who has no token learns neither what there is nor that there is something.
pub(super) async fn nothing_is_told(
    patients: &Patients,
    report: &mut Report,
) -> Result<(), CannotExamine> {
    let told = async |url: &str| {
        let answer = patients.send(patients.http.get(url)).await?;
        let status = answer.status().as_u16();
        let mut headers: Vec<String> = answer.headers().keys().map(ToString::to_string).collect();
        headers.sort();
        let body = answer.text().await.unwrap_or_default();
        Ok::<_, CannotExamine>((status, headers, body))
    };
    let missing = patients.url.rsplit_once('/').map(|(folder, file)| {
        let extension = file.rsplit_once('.').map_or("png", |(_, extension)| extension);
        format!("{folder}/{}.{extension}", "0".repeat(32))
    });
    let (there, absent) =
        (told(&patients.url).await?, told(&missing.clone().unwrap_or_default()).await?);
    report.add(Check::new(
        "existence",
        "Whether a file exists is not told without a token",
        there == absent,
        format!("status {} for a file, {} for none", there.0, absent.0),
        OPEN,
    ));
    let folder = patients.url.rsplit_once('/').map_or("", |(folder, _)| folder);
    let app = folder.rsplit_once('/').map_or("", |(app, _)| app);
    let mut open = Vec::new();
    let host = patients.media_host();
    for path in [
        format!("{folder}/"),
        folder.to_owned(),
        format!("{app}/"),
        app.to_owned(),
        format!("{host}/"),
        format!("{folder}/..%2f"),
        format!("{folder}/?list-type=2"),
        format!("{folder}/%2e%2e/"),
    ] {
        for url in [path.clone(), format!("{path}?fat={}", patients.receiver.fat)] {
            let (status, _, body) = told(&url).await?;
            if (200..400).contains(&status) || body.contains("doctor.png") {
                open.push(format!("{} answers {status}", path.trim_start_matches(&host)));
            }
        }
    }
    report.add(Check::new(
        "listing",
        "No folder is listed",
        open.is_empty(),
        if open.is_empty() { "every folder is refused".to_owned() } else { open.join(", ") },
        "the store or a proxy lists folders; serve media through Cloakroom alone",
    ));
    Ok(())
}

/// What was handed out ends: with the login, and with the file.
pub(super) async fn endings(patients: &Patients, report: &mut Report) -> Result<(), CannotExamine> {
    const LATE: &str = "something between answers without asking: no cache may serve this host";
    patients.send(patients.by_user(&patients.receiver, Method::DELETE, "/me")).await?;
    let (fat, presigned) = (patients.with_fat(&patients.receiver), &patients.presigned);
    let (by_fat, by_url) = (patients.status(&fat).await?, patients.status(presigned).await?);
    report.add(Check::new(
        "logout",
        "A logout ends token and presigned URL: 401",
        by_fat == 401 && by_url == 401,
        format!("status {by_fat} and {by_url}"),
        LATE,
    ));
    let media = patients.url.rsplit_once('/').and_then(|(_, file)| file.split_once('.'));
    let body = json!({"kind": "file", "id": media.map_or("", |(id, _)| id)});
    let call = patients.back_end(Method::POST, "/revocations").json(&body);
    let receipt = patients.data("revoke a file", call).await?;
    let status = patients.status(&patients.with_fat(&patients.sender)).await?;
    report.add(Check::new(
        "revocation",
        "A revoked file opens for nobody, not even the sender: 403",
        status == 403 && receipt["applied"] == true,
        format!("status {status}, in force after {} ms", receipt["tookMs"]),
        LATE,
    ));
    Ok(())
}
