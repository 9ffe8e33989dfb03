//! What the demo makes once and needs again: app, keys, operator.

use anyhow::Context;
use cloakroom_storage::{ApiKeyScope, AppSettings, Db, StorageError, TokenBasedFileAccess};
use cloakroom_token::{AppId, UnixSeconds};
use serde::{Deserialize, Serialize};

use crate::app_defaults::app_settings;
use crate::cli::{key, operator};
use crate::data_dir::DataDir;
use crate::master_key::write_private;
use crate::secret::mint;

/// Who signs in to the demo's dashboard.
pub(crate) const OPERATOR: &str = "operator@demo.example";
/// The region of the demo's app.
pub(crate) const REGION: &str = "us";

/// The demo's secrets, in a file for its owner alone; they open nothing but the demo.
#[derive(Clone, Deserialize, Serialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Made {
    pub(crate) app_id: AppId,
    pub(crate) auth_key: String,
    pub(crate) api_key: String,
    pub(crate) operator_password: String,
}

impl Made {
    /// Reads what an earlier start made, or makes it.
    pub(crate) async fn load_or_make(
        data: &DataDir,
        db: &Db,
        now: UnixSeconds,
    ) -> anyhow::Result<Self> {
        let path = data.demo();
        if path.exists() {
            let text = std::fs::read(&path).context("cannot read what the demo made before")?;
            return serde_json::from_slice(&text)
                .context("demo.json in the data folder is damaged; remove the folder");
        }
        let app_id = AppId::parse("demoapp")?;
        // The demo's page logs in by auth key, which a new app does not allow.
        let settings =
            AppSettings { client_login_by_auth_key: true, ..app_settings("Weekend trips") };
        match db.apps().create(&app_id, REGION, TokenBasedFileAccess::On, &settings, now).await {
            Ok(_) | Err(StorageError::Conflict) => {}
            Err(error) => return Err(error).context("the demo's app cannot be made"),
        }
        let (operator_password, _) = mint("");
        let operator_password: String =
            operator_password.chars().filter(char::is_ascii_alphanumeric).take(16).collect();
        operator::add(db, OPERATOR, &operator_password, now).await?;
        let made = Self {
            auth_key: key::create(db, &app_id, "the demo page", ApiKeyScope::AuthOnly, now).await?,
            api_key: key::create(db, &app_id, "for scripts", ApiKeyScope::FullAccess, now).await?,
            app_id,
            operator_password,
        };
        write_private(&path, &serde_json::to_vec_pretty(&made)?)
            .context("cannot keep what the demo made")?;
        Ok(made)
    }
}
