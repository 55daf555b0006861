//! The addresses of clients.

use std::net::{IpAddr, Ipv6Addr, SocketAddr};

/// The address in an element of `X-Forwarded-For`, which may have a port and brackets: `203.0.113.9:4711`,
/// `[2001:db8::1]:443`.
pub(crate) fn parse_forwarded(text: &str) -> Option<IpAddr> {
    let text = text.trim();
    let bracketed = || text.strip_prefix('[')?.strip_suffix(']')?.parse().ok().map(|v6: Ipv6Addr| v6.into());
    let with_port = || text.parse().ok().map(|address: SocketAddr| address.ip());
    let address = text.parse().ok().or_else(bracketed).or_else(with_port);
    address.map(|address: IpAddr| address.to_canonical())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn forwarded_addresses_may_have_ports_and_brackets() {
        for (text, address) in [
            ("203.0.113.9", "203.0.113.9"),
            (" 203.0.113.9:4711", "203.0.113.9"),
            ("2001:db8::1", "2001:db8::1"),
            ("[2001:db8::1]", "2001:db8::1"),
            ("[2001:db8::1]:443", "2001:db8::1"),
            ("::ffff:203.0.113.9", "203.0.113.9"),
            ("[::ffff:203.0.113.9]:80", "203.0.113.9"),
        ] {
            assert_eq!(parse_forwarded(text), Some(address.parse().unwrap()), "{text}");
        }
        for text in
            ["", "unknown", "_hidden", "203.0.113.9:", "[2001:db8::1", "203.0.113.9:99999", "a.example:80"]
        {
            assert_eq!(parse_forwarded(text), None, "{text}");
        }
    }
}
