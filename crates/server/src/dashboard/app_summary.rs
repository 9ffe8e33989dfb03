//! An app as it stands on the pages.

use cloakroom_storage::{App, TokenBasedFileAccess};

/// An app as it stands on the pages.
#[derive(Clone, Debug)]
pub(super) struct AppSummary {
    pub(super) app_id: String,
    /// The name operators gave it, or its id if they gave none.
    pub(super) name: String,
    pub(super) region: String,
    pub(super) state: State,
}

impl AppSummary {
    pub(super) fn of(app: &App) -> Self {
        let app_id = app.id.to_string();
        let name = match app.settings.name.trim() {
            "" => app_id.clone(),
            name => name.to_owned(),
        };
        let state = State(app.token_based_file_access);
        Self { app_id, name, region: app.region.clone(), state }
    }
}

/// The state of Token Based File Access, as it is written.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(super) struct State(pub(super) TokenBasedFileAccess);

impl State {
    pub(super) fn name(self) -> &'static str {
        match self.0 {
            TokenBasedFileAccess::Off => "off",
            TokenBasedFileAccess::Observe => "observe",
            TokenBasedFileAccess::On => "on",
        }
    }

    /// The step that the settings page offers; `None` at the end.
    pub(super) fn next(self) -> Option<Self> {
        match self.0 {
            TokenBasedFileAccess::Off => Some(Self(TokenBasedFileAccess::Observe)),
            TokenBasedFileAccess::Observe => Some(Self(TokenBasedFileAccess::On)),
            TokenBasedFileAccess::On => None,
        }
    }
}
