//! Requests written by hand, for what no client would send.

use std::net::SocketAddr;

use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::TcpStream;
use tokio::time::timeout;

use super::PATIENCE;

/// Sends these bytes, and reads until the other side closes.
pub async fn send(to: SocketAddr, bytes: impl AsRef<[u8]>) -> String {
    let mut stream = TcpStream::connect(to).await.unwrap();
    // The other side may close before it has read all.
    let _ = stream.write_all(bytes.as_ref()).await;
    rest(&mut stream).await
}

/// What comes until the other side closes.
pub async fn rest(stream: &mut TcpStream) -> String {
    let mut answer = Vec::new();
    let read = timeout(PATIENCE, stream.read_to_end(&mut answer)).await;
    let _ = read.expect("the other side does not close");
    String::from_utf8_lossy(&answer).into_owned()
}

/// Reads until this comes.
pub async fn read_until(stream: &mut TcpStream, wanted: &str) -> String {
    let mut answer = Vec::new();
    let read = async {
        while !String::from_utf8_lossy(&answer).contains(wanted) {
            let mut some = [0; 4096];
            match stream.read(&mut some).await.unwrap() {
                0 => panic!("it ended before `{wanted}`: {}", String::from_utf8_lossy(&answer)),
                read => answer.extend_from_slice(&some[..read]),
            }
        }
    };
    timeout(PATIENCE, read).await.unwrap_or_else(|_| panic!("no `{wanted}` came"));
    String::from_utf8_lossy(&answer).into_owned()
}

/// The statuses of all answers that came on a connection.
pub fn statuses(answer: &str) -> Vec<u16> {
    answer.match_indices("HTTP/1.1 ").map(|(at, _)| answer[at + 9..at + 12].parse().unwrap()).collect()
}
