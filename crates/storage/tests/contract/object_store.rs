//! An object store on loopback, in this process.

use std::net::SocketAddr;

use cloakroom_storage::S3Settings;
use hyper_util::rt::{TokioExecutor, TokioIo};
use hyper_util::server::conn::auto;
use s3s::auth::SimpleAuth;
use s3s::service::S3ServiceBuilder;
use s3s_fs::FileSystem;
use tempfile::TempDir;
use tokio::net::TcpListener;

/// Starts one with an empty bucket; how to reach it.
pub(crate) async fn start() -> (TempDir, S3Settings) {
    let folder = tempfile::tempdir().unwrap();
    std::fs::create_dir(folder.path().join("cloakroom")).unwrap();
    let mut service = S3ServiceBuilder::new(FileSystem::new(folder.path()).unwrap());
    service.set_auth(SimpleAuth::from_single("access", "secret"));
    let service = service.build();
    let listener = TcpListener::bind(SocketAddr::from(([127, 0, 0, 1], 0))).await.unwrap();
    let address = listener.local_addr().unwrap();
    tokio::spawn(async move {
        while let Ok((stream, _)) = listener.accept().await {
            let service = service.clone();
            tokio::spawn(async move {
                let server = auto::Builder::new(TokioExecutor::new());
                let _ = server.serve_connection(TokioIo::new(stream), service).await;
            });
        }
    });
    let settings = S3Settings {
        endpoint: Some(format!("http://{address}")),
        region: "us-east-1".to_owned(),
        bucket: "cloakroom".to_owned(),
        access_key_id: "access".to_owned(),
        secret_access_key: "secret".to_owned(),
        allow_http: true,
    };
    (folder, settings)
}
