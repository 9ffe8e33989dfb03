//! A proxy of TCP that breaks connections when told to.

use std::net::SocketAddr;
use std::sync::{Arc, Mutex};

use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::tcp::{OwnedReadHalf, OwnedWriteHalf};
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::watch;

/// Which way bytes go.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(crate) enum Way {
    ToClient,
    ToServer,
}

/// A proxy on an address of its own; clones are the same. Connections wait while it leads nowhere.
#[derive(Clone)]
pub(crate) struct Proxy {
    address: SocketAddr,
    shared: Arc<Shared>,
}

struct Shared {
    upstream: watch::Sender<Option<SocketAddr>>,
    /// Counts how often everything was cut.
    cuts: watch::Sender<u64>,
    /// After how many more bytes everything is cut, cut by cut; the next one last.
    armed: Mutex<Vec<(Way, u64)>>,
}

impl Proxy {
    pub(crate) async fn start() -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let address = listener.local_addr().unwrap();
        let shared = Arc::new(Shared {
            upstream: watch::Sender::new(None),
            cuts: watch::Sender::new(0),
            armed: Mutex::default(),
        });
        let accepting = Arc::clone(&shared);
        tokio::spawn(async move {
            while let Ok((client, _)) = listener.accept().await {
                tokio::spawn(Arc::clone(&accepting).serve(client));
            }
        });
        Self { address, shared }
    }

    pub(crate) fn origin(&self) -> String {
        format!("http://{}", self.address)
    }

    pub(crate) fn lead_to(&self, origin: &str) {
        let upstream = origin.strip_prefix("http://").unwrap().parse().unwrap();
        self.shared.upstream.send_replace(Some(upstream));
    }

    /// Breaks all connections; new ones wait.
    pub(crate) fn lead_nowhere(&self) {
        self.shared.upstream.send_replace(None);
        self.cut();
    }

    /// Breaks all connections.
    pub(crate) fn cut(&self) {
        self.shared.cuts.send_modify(|cuts| *cuts += 1);
    }

    /// Breaks all connections each time so many more bytes have gone this way.
    pub(crate) fn cut_after(&self, way: Way, bytes: &[u64]) {
        let mut armed: Vec<_> = bytes.iter().map(|bytes| (way, *bytes)).collect();
        armed.reverse();
        *self.shared.armed.lock().unwrap() = armed;
    }

    /// How many cuts of [`Self::cut_after`] are still to come.
    pub(crate) fn cuts_to_come(&self) -> usize {
        self.shared.armed.lock().unwrap().len()
    }
}

impl Shared {
    async fn serve(self: Arc<Self>, client: TcpStream) {
        let mut cuts = self.cuts.subscribe();
        let mut upstream = self.upstream.subscribe();
        let both_ways = async {
            let address = upstream.wait_for(Option::is_some).await.ok().and_then(|found| *found);
            let Some(address) = address else { return };
            let Ok(server) = TcpStream::connect(address).await else { return };
            let (from_client, to_client) = client.into_split();
            let (from_server, to_server) = server.into_split();
            tokio::join!(
                self.copy(Way::ToServer, from_client, to_server),
                self.copy(Way::ToClient, from_server, to_client),
            );
        };
        tokio::select! {
            _ = cuts.changed() => {}
            () = both_ways => {}
        }
    }

    async fn copy(&self, way: Way, mut from: OwnedReadHalf, mut to: OwnedWriteHalf) {
        let mut buffer = vec![0; 64 * 1024];
        while let Ok(read) = from.read(&mut buffer).await {
            let (let_through, is_cut) = self.count(way, read);
            if read == 0 || to.write_all(&buffer[..let_through]).await.is_err() {
                return;
            }
            if is_cut {
                self.cuts.send_modify(|cuts| *cuts += 1);
                // Not a byte more: `serve` is about to drop both sides.
                std::future::pending::<()>().await;
            }
        }
    }

    /// How many of these bytes go through, and whether that is the end.
    fn count(&self, way: Way, read: usize) -> (usize, bool) {
        let mut armed = self.armed.lock().unwrap();
        let Some((armed_way, left)) = armed.last_mut() else { return (read, false) };
        if *armed_way != way {
            return (read, false);
        }
        let through = usize::try_from(*left).unwrap().min(read);
        *left -= u64::try_from(through).unwrap();
        let is_cut = *left == 0;
        if is_cut {
            armed.pop();
        }
        (through, is_cut)
    }
}
