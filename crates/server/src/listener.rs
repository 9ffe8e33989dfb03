//! One listener: its own accept loop, with the limits that `axum::serve` does not have.

use std::io;
use std::net::SocketAddr;
use std::sync::Arc;
use std::time::Duration;

use axum::Router;
use axum::extract::ConnectInfo;
use axum::http::Request;
use hyper::body::Incoming;
use hyper::service::service_fn;
use hyper_util::rt::{TokioExecutor, TokioIo, TokioTimer};
use hyper_util::server::conn::auto;
use hyper_util::server::graceful::{GracefulShutdown, Watcher};
use tokio::io::{AsyncRead, AsyncWrite};
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::{Semaphore, watch};
use tokio_rustls::TlsAcceptor;
use tower::ServiceExt;
use tower_http::timeout::TimeoutBody;

use crate::media::{self, Handed, MediaConnection, MediaState};
use crate::patient_stream::PatientStream;
use crate::zero_copy::{Lane, LaneStream};

const MOST_CONNECTIONS: usize = 16_384;
const ACCEPT_AGAIN: Duration = Duration::from_millis(50);
pub(crate) const HEADER_READ_TIMEOUT: Duration = Duration::from_secs(15);
const TLS_HANDSHAKE_TIMEOUT: Duration = Duration::from_secs(10);
const SHUTDOWN_DEADLINE: Duration = Duration::from_secs(10);
const MAX_STREAMS: u32 = 256;
/// Of each HTTP/2 stream: a video is not to wait for its own acknowledgements.
const MAX_SEND_BUFFER: usize = 256 * 1024;
pub(crate) const MAX_HEADERS: usize = 64;
/// A File Access Token has at most 4 KiB, and stands in query and Referer at most.
pub(crate) const MAX_HEAD_BYTES: u32 = 32 * 1024;
/// How long a body may come or go without progress.
const STALLED: Duration = Duration::from_mins(1);

/// What a listener serves.
#[derive(Clone)]
pub(crate) enum Surface {
    /// The secure media host, straight from the connection.
    Media(MediaState),
    /// A surface of routes.
    Routes(Router),
}

/// A surface and the socket it is served on.
pub(crate) struct Listener {
    socket: TcpListener,
    tls: Option<TlsAcceptor>,
    surface: Surface,
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
        surface: Surface,
    ) -> Self {
        Self { socket, tls: tls.map(TlsAcceptor::from), surface }
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
                        // Out of open files, say: others have to end first.
                        tracing::warn!(%error, "accept failed");
                        tokio::time::sleep(ACCEPT_AGAIN).await;
                        continue;
                    }
                },
                () = stopped(&mut stop) => break,
            };
            let (surface, tls) = (self.surface.clone(), self.tls.clone());
            let (watcher, stop) = (graceful.watcher(), stop.clone());
            tokio::spawn(async move {
                let _slot = slot;
                serve(stream, peer, tls, surface, watcher, stop).await;
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
    surface: Surface,
    watcher: Watcher,
    stop: watch::Receiver<bool>,
) {
    if let Err(error) = stream.set_nodelay(true) {
        tracing::debug!(%error, "TCP_NODELAY");
    }
    match tls {
        None => {
            let lane = Lane::default();
            let stream = PatientStream::new(LaneStream::new(stream, lane.clone()), STALLED);
            let Surface::Media(state) = surface else {
                return talk(stream, peer, surface, Some(lane), watcher).await;
            };
            // What is not served here is hyper's, as are the bytes that were read of it.
            let own = MediaConnection::new(stream, Arc::clone(&state), peer, lane.clone());
            match own.serve(stop).await {
                Ok(Handed::Nothing) => {}
                Ok(Handed::Rest(stream)) => {
                    // In a box, so that connections that never come here are small.
                    let surface = Surface::Media(state);
                    Box::pin(talk(stream, peer, surface, Some(lane), watcher)).await;
                }
                Err(error) => tracing::debug!(%error, "connection ended"),
            }
        }
        Some(tls) => {
            let stream = PatientStream::new(stream, STALLED);
            let greeted = tokio::time::timeout(TLS_HANDSHAKE_TIMEOUT, tls.accept(stream)).await;
            if let Ok(Ok(stream)) = greeted {
                talk(stream, peer, surface, None, watcher).await;
            }
        }
    }
}

/// Speaks HTTP/1.1 or HTTP/2 until the connection ends.
async fn talk<S>(
    stream: S,
    peer: SocketAddr,
    surface: Surface,
    lane: Option<Lane>,
    watcher: Watcher,
) where
    S: AsyncRead + AsyncWrite + Send + Unpin + 'static,
{
    let (io, builder) = (TokioIo::new(stream), builder());
    let result = match surface {
        Surface::Media(state) => {
            let service = service_fn(move |request| {
                media::answer_to(Arc::clone(&state), request, peer, lane.clone())
            });
            watcher.watch(builder.serve_connection(io, service).into_owned()).await
        }
        Surface::Routes(router) => {
            let service = service_fn(move |mut request: Request<Incoming>| {
                request.extensions_mut().insert(ConnectInfo(peer));
                let patient = |body| axum::body::Body::new(TimeoutBody::new(STALLED, body));
                router.clone().oneshot(request.map(patient))
            });
            watcher.watch(builder.serve_connection_with_upgrades(io, service).into_owned()).await
        }
    };
    if let Err(error) = result {
        tracing::debug!(%error, "connection ended");
    }
}

fn builder() -> auto::Builder<TokioExecutor> {
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
        .max_send_buf_size(MAX_SEND_BUFFER)
        .max_concurrent_streams(MAX_STREAMS);
    builder
}
