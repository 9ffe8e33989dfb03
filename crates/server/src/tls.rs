//! TLS: certificates from files, or a self-signed one for the demo.

use std::path::Path;
use std::sync::Arc;

use rustls::ServerConfig;
use rustls_pki_types::pem::PemObject;
use rustls_pki_types::{CertificateDer, PrivateKeyDer, PrivatePkcs8KeyDer};

/// Why TLS cannot start.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum TlsError {
    /// The certificate or key file cannot be read.
    #[error("cannot read the certificate or key: {0}")]
    File(#[from] rustls_pki_types::pem::Error),
    /// The self-signed certificate cannot be made.
    #[error("cannot make a certificate: {0}")]
    SelfSigned(#[from] rcgen::Error),
    /// Certificate and key do not fit.
    #[error("the certificate cannot be used: {0}")]
    Unusable(#[from] rustls::Error),
}

/// TLS with a certificate made on the spot for loopback; good until the process ends.
///
/// # Errors
///
/// [`TlsError::SelfSigned`] or [`TlsError::Unusable`].
pub(crate) fn self_signed() -> Result<Arc<ServerConfig>, TlsError> {
    let names = ["localhost".to_owned(), "127.0.0.1".to_owned(), "::1".to_owned()];
    let made = rcgen::generate_simple_self_signed(names)?;
    let key = PrivatePkcs8KeyDer::from(made.signing_key.serialize_der());
    config(vec![made.cert.der().clone()], key.into())
}

/// TLS with a PEM certificate chain and its private key.
///
/// # Errors
///
/// [`TlsError::File`] or [`TlsError::Unusable`].
pub(crate) fn from_files(certificate: &Path, key: &Path) -> Result<Arc<ServerConfig>, TlsError> {
    let chain = CertificateDer::pem_file_iter(certificate)?.collect::<Result<Vec<_>, _>>()?;
    config(chain, PrivateKeyDer::from_pem_file(key)?)
}

fn config(
    chain: Vec<CertificateDer<'static>>,
    key: PrivateKeyDer<'static>,
) -> Result<Arc<ServerConfig>, TlsError> {
    let provider = Arc::new(rustls::crypto::aws_lc_rs::default_provider());
    let mut config = ServerConfig::builder_with_provider(provider)
        .with_safe_default_protocol_versions()?
        .with_no_client_auth()
        .with_single_cert(chain, key)?;
    // A client that comes back proves itself with a ticket; the key of tickets changes by itself.
    config.ticketer = rustls::crypto::aws_lc_rs::Ticketer::new()?;
    config.alpn_protocols = vec![b"h2".to_vec(), b"http/1.1".to_vec()];
    Ok(Arc::new(config))
}
