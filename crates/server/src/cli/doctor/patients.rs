//! Three users and a file, made for the examination, and deleted after it.

use std::time::Duration;

use cloakroom_token::AppId;
use reqwest::multipart::{Form, Part};
use reqwest::{Client, Method, RequestBuilder, Response, redirect};
use serde_json::{Value, json};

use super::DoctorOptions;
use super::report::Check;
use crate::secret::random;

const TIME_LIMIT: Duration = Duration::from_secs(30);
/// A picture of one pixel (PNG).
const PICTURE: &[u8] = include_bytes!("pixel.png");

/// Why there is no examination.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum CannotExamine {
    /// The REST API refuses what the doctor needs.
    #[error("the API refuses to {what}: {status} {code}")]
    Api {
        /// To do what.
        what: &'static str,
        /// The status.
        status: u16,
        /// The code of the error.
        code: String,
    },
    /// A file that was named cannot be read.
    #[error("cannot read {path}: {source}")]
    File {
        /// The file.
        path: String,
        /// What the system said.
        source: std::io::Error,
    },
    /// Somebody stopped it; everything it made was deleted.
    #[error("interrupted")]
    Interrupted,
    /// Nobody answers.
    #[error("nobody answers at {0}")]
    Unreachable(String),
}

/// A user who was logged in.
pub(super) struct Patient {
    pub(super) uid: String,
    pub(super) auth_token: String,
    /// Empty while Token Based File Access is off.
    pub(super) fat: String,
}

/// The users, the file, and the way to the installation.
pub(super) struct Patients {
    pub(super) http: Client,
    api: String,
    app: AppId,
    pub(super) api_key: String,
    pub(super) sender: Patient,
    pub(super) receiver: Patient,
    pub(super) outsider: Patient,
    /// A File Access Token of another app.
    pub(super) foreign_fat: Option<String>,
    /// The clean media URL.
    pub(super) url: String,
    /// One that the receiver presigned.
    pub(super) presigned: String,
    host: String,
    elsewhere: Option<(AppId, String, String)>,
}

impl Patients {
    pub(super) async fn admit(options: &DoctorOptions) -> Result<Self, CannotExamine> {
        let http = Client::builder().redirect(redirect::Policy::none()).timeout(TIME_LIMIT);
        let http = http.build().map_err(|_| CannotExamine::Unreachable(options.api.clone()))?;
        let api = options.api.trim_end_matches('/').to_owned();
        let nobody = |name: &str| Patient {
            uid: format!("doctor-{name}-{}", hex::encode(random::<6>())),
            auth_token: String::new(),
            fat: String::new(),
        };
        let mut patients = Self {
            http,
            api,
            app: options.app.clone(),
            api_key: read(&options.api_key_file)?,
            sender: nobody("sender"),
            receiver: nobody("receiver"),
            outsider: nobody("outsider"),
            foreign_fat: None,
            url: String::new(),
            presigned: String::new(),
            host: String::new(),
            elsewhere: None,
        };
        match patients.prepare(options).await {
            Ok(()) => Ok(patients),
            Err(error) => {
                patients.discharge().await;
                Err(error)
            }
        }
    }

    async fn prepare(&mut self, options: &DoctorOptions) -> Result<(), CannotExamine> {
        let (app, key) = (self.app.clone(), self.api_key.clone());
        self.sender = self.user(&app, &key, &self.sender.uid).await?;
        self.receiver = self.user(&app, &key, &self.receiver.uid).await?;
        self.outsider = self.user(&app, &key, &self.outsider.uid).await?;
        if let (Some(app), Some(file)) = (&options.other_app, &options.other_api_key_file) {
            let (key, uid) = (read(file)?, format!("doctor-{}", hex::encode(random::<6>())));
            self.elsewhere = Some((app.clone(), key.clone(), uid.clone()));
            self.foreign_fat = Some(self.user(app, &key, &uid).await?.fat);
        }
        let picture = Part::bytes(PICTURE).file_name("doctor.png").mime_str("image/png");
        let picture = picture.map_err(|_| CannotExamine::Unreachable(self.api.clone()))?;
        let form = Form::new()
            .text("receiver", self.receiver.uid.clone())
            .text("receiverType", "user")
            .text("category", "message")
            .text("type", "image")
            .part("files[]", picture);
        let call = self.by_user(&self.sender, Method::POST, "/messages").multipart(form);
        let message = self.data("send a file", call).await?;
        let url = &message["data"]["attachments"][0]["url"];
        url.as_str().unwrap_or_default().clone_into(&mut self.url);
        let call = self.by_user(&self.receiver, Method::POST, "/media/presign");
        let items = self.data("presign", call.json(&json!({ "urls": [self.url] }))).await?;
        let presigned = items[0]["presignedUrl"].as_str().unwrap_or_default();
        presigned.clone_into(&mut self.presigned);
        let host = url::Url::parse(&self.url).ok();
        self.host = host.map_or_else(String::new, |url| url.origin().ascii_serialization());
        Ok(())
    }

    /// Makes a user and logs it in.
    async fn user(&self, app: &AppId, key: &str, uid: &str) -> Result<Patient, CannotExamine> {
        let call = |path: &str| {
            self.call(Method::POST, path).header("appid", app.as_str()).header("apikey", key)
        };
        let body = json!({"uid": uid, "name": "Doctor's patient"});
        self.data("make a user", call("/users").json(&body)).await?;
        let made = call(&format!("/users/{uid}/auth_tokens")).json(&json!({}));
        let made = self.data("log a user in", made).await?;
        let auth_token = made["authToken"].as_str().unwrap_or_default().to_owned();
        let me = self.call(Method::PUT, "/me").header("appid", app.as_str());
        let me = me.header("authtoken", &auth_token).json(&json!({}));
        let me = self.data("begin a session", me).await?;
        let fat = me["fat"].as_str().unwrap_or_default().to_owned();
        Ok(Patient { uid: uid.to_owned(), auth_token, fat })
    }

    fn call(&self, method: Method, path: &str) -> RequestBuilder {
        self.http.request(method, format!("{}/v3{path}", self.api))
    }

    /// A call of the back end.
    pub(super) fn back_end(&self, method: Method, path: &str) -> RequestBuilder {
        let call = self.call(method, path).header("appid", self.app.as_str());
        call.header("apikey", &self.api_key)
    }

    /// A call of a user.
    pub(super) fn by_user(&self, who: &Patient, method: Method, path: &str) -> RequestBuilder {
        let call = self.call(method, path).header("appid", self.app.as_str());
        call.header("authtoken", &who.auth_token)
    }

    /// A call with a header of the caller's choice beside the app.
    pub(super) fn with(&self, path: &str, name: &str, value: &str) -> RequestBuilder {
        self.call(Method::GET, path).header("appid", self.app.as_str()).header(name, value)
    }

    /// Sends a call whose answer is needed.
    pub(super) async fn data(
        &self,
        what: &'static str,
        call: RequestBuilder,
    ) -> Result<Value, CannotExamine> {
        let answer = self.send(call).await?;
        let status = answer.status();
        let body: Value = answer.json().await.unwrap_or_default();
        if status.is_success() {
            return Ok(body["data"].clone());
        }
        let code = body["error"]["code"].as_str().unwrap_or("without a code").to_owned();
        Err(CannotExamine::Api { what, status: status.as_u16(), code })
    }

    /// Sends a call that may be refused.
    pub(super) async fn send(&self, call: RequestBuilder) -> Result<Response, CannotExamine> {
        call.send().await.map_err(|error| {
            let at = error.url().map(|url| url.origin().ascii_serialization());
            CannotExamine::Unreachable(at.unwrap_or_else(|| self.api.clone()))
        })
    }

    /// Status of a GET.
    pub(super) async fn status(&self, url: &str) -> Result<u16, CannotExamine> {
        Ok(self.send(self.http.get(url)).await?.status().as_u16())
    }

    /// The URL with a File Access Token.
    pub(super) fn with_fat(&self, who: &Patient) -> String {
        format!("{}?fat={}", self.url, who.fat)
    }

    /// The origin of the secure media host.
    pub(super) fn media_host(&self) -> String {
        self.host.clone()
    }

    /// All that must stand in no log.
    pub(super) fn secrets(&self) -> Vec<&str> {
        let signature = self.presigned.split_once("Signature=").map(|(_, rest)| rest);
        let signature = signature.and_then(|rest| rest.split('&').next());
        let people = [&self.sender, &self.receiver, &self.outsider];
        let mut secrets: Vec<&str> =
            people.iter().flat_map(|who| [who.fat.as_str(), who.auth_token.as_str()]).collect();
        secrets.push(&self.api_key);
        secrets.extend(signature);
        secrets.extend(self.foreign_fat.as_deref());
        secrets.retain(|secret| !secret.is_empty());
        secrets
    }

    /// Deletes everything, and says whether that went well.
    pub(super) async fn discharge(&self) -> Check {
        let mut left = 0;
        for who in [&self.sender, &self.receiver, &self.outsider] {
            let call = self.back_end(Method::DELETE, &format!("/users/{}", who.uid));
            left += usize::from(!gone(call.json(&json!({"media": "delete"})).send().await));
        }
        if let Some((app, key, uid)) = &self.elsewhere {
            let call = self.call(Method::DELETE, &format!("/users/{uid}"));
            let call = call.header("appid", app.as_str()).header("apikey", key);
            left += usize::from(!gone(call.json(&json!({"media": "delete"})).send().await));
        }
        Check::new(
            "cleanup",
            "Whatever the doctor made is deleted",
            left == 0,
            format!("{left} users are left"),
            "delete the users whose uid begins with doctor-",
        )
        .warning()
    }
}

/// Whether a user is deleted, or never was there.
fn gone(answer: reqwest::Result<Response>) -> bool {
    answer.is_ok_and(|answer| answer.status().is_success() || answer.status().as_u16() == 404)
}

fn read(path: &std::path::Path) -> Result<String, CannotExamine> {
    let file = |source| CannotExamine::File { path: path.display().to_string(), source };
    std::fs::read_to_string(path).map(|text| text.trim().to_owned()).map_err(file)
}
