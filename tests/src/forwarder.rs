//! One address in front of several nodes: what a load balancer does, and no more.

use std::io::{self, Read, Write};
use std::net::{Shutdown, SocketAddr, TcpListener, TcpStream};
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Mutex, PoisonError};
use std::thread;

/// Takes connections and joins each to the next node that answers. A node that ends takes its
/// connections with it; nothing is sent again.
pub struct Forwarder {
    address: SocketAddr,
    shared: Arc<Mutex<Shared>>,
    answered: Arc<AtomicUsize>,
}

#[derive(Default)]
struct Shared {
    nodes: Vec<SocketAddr>,
    next: usize,
}

impl Forwarder {
    /// Begins to take connections; nobody answers them before [`Self::set_nodes`].
    ///
    /// # Panics
    /// When there is no port.
    #[must_use]
    pub fn start() -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").expect("a port");
        let address = listener.local_addr().expect("its address");
        let shared = Arc::new(Mutex::new(Shared::default()));
        let answered = Arc::new(AtomicUsize::new(0));
        let forwarder = Self {
            address,
            shared: Arc::clone(&shared),
            answered: Arc::clone(&answered),
        };
        // It ends with the test program.
        thread::spawn(move || {
            for client in listener.incoming().map_while(Result::ok) {
                let Some(node) = connect(&shared) else {
                    let _ = client.shutdown(Shutdown::Both);
                    continue;
                };
                let both = client.try_clone().and_then(|c| Ok((c, node.try_clone()?)));
                let Ok((client_too, node_too)) = both else {
                    continue;
                };
                let answered = Arc::clone(&answered);
                thread::spawn(move || pass(client, node, || ()));
                thread::spawn(move || {
                    pass(node_too, client_too, || {
                        answered.fetch_add(1, Ordering::Release);
                    });
                });
            }
        });
        forwarder
    }

    /// Where it listens, as a URL.
    #[must_use]
    pub fn url(&self) -> String {
        format!("http://{}", self.address)
    }

    /// How often a node has said something, which is once for most answers.
    #[must_use]
    pub fn answered(&self) -> usize {
        self.answered.load(Ordering::Acquire)
    }

    /// Which nodes there are, as URLs.
    ///
    /// # Panics
    /// When a URL has no address.
    pub fn set_nodes(&self, urls: &[&str]) {
        let address = |url: &&str| {
            let place = url.trim_start_matches("http://");
            place.parse().expect("an address")
        };
        lock(&self.shared).nodes = urls.iter().map(address).collect();
    }
}

fn lock(shared: &Mutex<Shared>) -> std::sync::MutexGuard<'_, Shared> {
    shared.lock().unwrap_or_else(PoisonError::into_inner)
}

/// The next node that takes a connection.
fn connect(shared: &Mutex<Shared>) -> Option<TcpStream> {
    let mut shared = lock(shared);
    for _ in 0..shared.nodes.len() {
        shared.next = (shared.next + 1) % shared.nodes.len();
        if let Ok(stream) = TcpStream::connect(shared.nodes[shared.next]) {
            return Some(stream);
        }
    }
    None
}

/// Hands on what one side says until it has no more to say.
fn pass(mut from: TcpStream, mut to: TcpStream, passed: impl Fn()) {
    let _: io::Result<()> = (|| {
        let mut buffer = [0; 16 * 1024];
        loop {
            let read = from.read(&mut buffer)?;
            if read == 0 {
                return Ok(());
            }
            to.write_all(&buffer[..read])?;
            passed();
        }
    })();
    let _ = to.shutdown(Shutdown::Both);
    let _ = from.shutdown(Shutdown::Both);
}
