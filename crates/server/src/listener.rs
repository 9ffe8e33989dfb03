//! One listener: its own accept loop, with the limits that `axum::serve` does not have.

use std::io;
use std::net::SocketAddr;
use std::sync::Arc;
use std::time::Duration;

use axum::Router;
use axum::extract::ConnectInfo;
use axum::http::Request;
use hyper::body::Incoming;
use hyper_util::rt::{TokioExecutor, TokioIo, TokioTimer};
use hyper_util::server::conn::auto;
use hyper_util::server::graceful::GracefulShutdown;
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::{Semaphore, watch};
use tokio_rustls::TlsAcceptor;
use tower::ServiceExt;
use tower_http::timeout::TimeoutBody;

use crate::patient_stream::PatientStream;

const MOST_CONNECTIONS: usize = 16_384;
const HEADER_READ_TIMEOUT: Duration = Duration::from_secs(15);
const TLS_HANDSHAKE_TIMEOUT: Duration = Duration::from_secs(10);
const SHUTDOWN_DEADLINE: Duration = Duration::from_secs(10);
const MAX_STREAMS: u32 = 256;
const MAX_HEADERS: usize = 64;
/// A File Access Token has at most 4 KiB, and stands in query and Referer at most.
const MAX_HEAD_BYTES: u32 = 32 * 1024;
/// How long a body may come or go without progress.
const STALLED: Duration = Duration::from_mins(1);

/// A surface and the socket it is served on.
pub(crate) struct Listener {
    socket: TcpListener,
    tls: Option<TlsAcceptor>,
    router: Router,
}

/// The port is taken, or the address is not ours.
#[derive(Debug, thiserror::Error)]
#[error("cannot listen on {address} for the {surface}: {source}")]
pub struct BindError {
    /// Which surface wanted it.
    pub surface: &'static str,
    /// The address.
    pub address: SocketAddr,
    source: io::Error,
}

/// Takes an address for a surface.
pub(crate) async fn bind(
    surface: &'static str,
    address: SocketAddr,
) -> Result<TcpListener, BindError> {
    TcpListener::bind(address).await.map_err(|source| BindError { surface, address, source })
}

impl Listener {
    pub(crate) fn new(
        socket: TcpListener,
        tls: Option<Arc<rustls::ServerConfig>>,
        router: Router,
    ) -> Self {
        Self { socket, tls: tls.map(TlsAcceptor::from), router }
    }

    /// Serves until `stop` says so; then lets open requests end for a while.
    pub(crate) async fn run(self, mut stop: watch::Receiver<bool>) {
        let slots = Arc::new(Semaphore::new(MOST_CONNECTIONS));
        let graceful = GracefulShutdown::new();
        loop {
            let Ok(slot) = Arc::clone(&slots).acquire_owned().await else { break };
            let (stream, peer) = tokio::select! {
                accepted = self.socket.accept() => match accepted {
                    Ok(accepted) => accepted,
                    Err(error) => {
                        tracing::warn!(%error, "accept failed");
                        tokio::task::yield_now().await;
                        continue;
                    }
                },
                () = stopped(&mut stop) => break,
            };
            let (router, tls, watcher) =
                (self.router.clone(), self.tls.clone(), graceful.watcher());
            tokio::spawn(async move {
                let _slot = slot;
                serve(stream, peer, tls, router, watcher).await;
            });
        }
        drop(self.socket);
        if tokio::time::timeout(SHUTDOWN_DEADLINE, graceful.shutdown()).await.is_err() {
            tracing::warn!("connections were cut at shutdown");
        }
    }
}

/// Returns once `stop` says so, or nobody is left to say it.
pub(crate) async fn stopped(stop: &mut watch::Receiver<bool>) {
    let _ = stop.wait_for(|stop| *stop).await;
}

async fn serve(
    stream: TcpStream,
    peer: SocketAddr,
    tls: Option<TlsAcceptor>,
    router: Router,
    watcher: hyper_util::server::graceful::Watcher,
) {
    if let Err(error) = stream.set_nodelay(true) {
        tracing::debug!(%error, "TCP_NODELAY");
    }
    let service = hyper::service::service_fn(move |mut request: Request<Incoming>| {
        request.extensions_mut().insert(ConnectInfo(peer));
        let patient = |body| axum::body::Body::new(TimeoutBody::new(STALLED, body));
        router.clone().oneshot(request.map(patient))
    });
    let mut builder = auto::Builder::new(TokioExecutor::new());
    builder
        .http1()
        .timer(TokioTimer::new())
        .header_read_timeout(HEADER_READ_TIMEOUT)
        .max_headers(MAX_HEADERS)
        .max_buf_size(MAX_HEAD_BYTES as usize);
    builder
        .http2()
        .timer(TokioTimer::new())
        .max_header_list_size(MAX_HEAD_BYTES)
        .max_concurrent_streams(MAX_STREAMS);
    let stream = PatientStream::new(stream, STALLED);
    let result = match tls {
        None => {
            let io = TokioIo::new(stream);
            watcher.watch(builder.serve_connection_with_upgrades(io, service).into_owned()).await
        }
        Some(tls) => {
            let Ok(Ok(stream)) =
                tokio::time::timeout(TLS_HANDSHAKE_TIMEOUT, tls.accept(stream)).await
            else {
                return;
            };
            let io = TokioIo::new(stream);
            watcher.watch(builder.serve_connection_with_upgrades(io, service).into_owned()).await
        }
    };
    if let Err(error) = result {
        tracing::debug!(%error, "connection ended");
    }
}
