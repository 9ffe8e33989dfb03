//! `cloakroom._core`: the Rust SDK for Python.
//!
//! What it gives and takes is plain: numbers, text, bytes, and JSON for what has fields. The typed
//! classes that people use are Python, in `python/cloakroom`.
//!
//! ```text
//! AsyncClient ─▶ Core{is_async}  ─▶ cloakroom_sdk::Client ─▶ awaitable of asyncio
//! Client      ─▶ Core{!is_async} ─▶ cloakroom_sdk::Client ─▶ waits, without the interpreter's lock
//! ```
#![forbid(unsafe_code)]

mod answer;
mod builder;
mod core;
mod download;
mod error;
mod messages;
mod signer;
mod upload;

/// The module that the package imports.
#[pyo3::pymodule]
mod _core {
    #[pymodule_export]
    use crate::builder::{async_core, blocking_core};
    #[pymodule_export]
    use crate::core::Core;
    #[pymodule_export]
    use crate::download::Download;
    #[pymodule_export]
    use crate::media_url::{has_fat_query_param, strip_fat_query_param};
    #[pymodule_export]
    use crate::messages::Messages;
    #[pymodule_export]
    use crate::signer::Signer;
    #[pymodule_export]
    use crate::upload::Upload;
}

mod media_url {
    //! Helpers on URLs.

    use pyo3::pyfunction;

    #[pyfunction]
    pub(crate) fn has_fat_query_param(url: &str) -> bool {
        cloakroom_sdk::has_fat_query_param(url)
    }

    #[pyfunction]
    pub(crate) fn strip_fat_query_param(url: &str) -> String {
        cloakroom_sdk::strip_fat_query_param(url)
    }
}
