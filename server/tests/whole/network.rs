use server::security::network::{Network, client};
use std::net::IpAddr;

fn ip(text: &str) -> IpAddr {
    text.parse().unwrap()
}

#[test]
fn networks_hold_their_addresses() {
    let network: Network = "10.1.0.0/16".parse().unwrap();
    assert!(network.contains(ip("10.1.255.255")));
    assert!(network.contains(ip("::ffff:10.1.0.1")));
    assert!(!network.contains(ip("10.2.0.0")));
    let everything: Network = "0.0.0.0/0".parse().unwrap();
    assert!(everything.contains(ip("8.8.8.8")));
    assert!(!everything.contains(ip("2001:db8::1")));
    let one: Network = "2001:db8::1".parse().unwrap();
    assert!(one.contains(ip("2001:db8::1")) && !one.contains(ip("2001:db8::2")));
    for wrong in [
        "",
        "10.0.0.0/33",
        "10.0.0/8",
        "::/129",
        "10.0.0.0/-1",
        "host",
    ] {
        assert!(wrong.parse::<Network>().is_err(), "{wrong}");
    }
}

#[test]
fn a_client_cannot_choose_its_address() {
    let trusted: Vec<Network> = vec!["10.0.0.0/8".parse().unwrap()];
    for (peer, forwarded, seen) in [
        // No proxy of ours: the header is the client's own claim.
        ("203.0.113.9", "1.1.1.1", "203.0.113.9"),
        // One proxy: what it saw, whatever the client claims to its left.
        ("10.0.0.1", "1.1.1.1, 203.0.113.9", "203.0.113.9"),
        // Two proxies.
        ("10.0.0.1", "1.1.1.1, 203.0.113.9, 10.0.0.2", "203.0.113.9"),
        // What cannot be read ends what can be believed.
        ("10.0.0.1", "203.0.113.9, nonsense, 10.0.0.2", "10.0.0.2"),
        ("10.0.0.1", "", "10.0.0.1"),
        ("::ffff:10.0.0.1", "203.0.113.9", "203.0.113.9"),
    ] {
        assert_eq!(
            client(ip(peer), &[forwarded], &trusted),
            ip(seen),
            "{peer} {forwarded}"
        );
    }
    assert_eq!(
        client(
            ip("10.0.0.1"),
            &["203.0.113.9", "203.0.113.7, 10.0.0.9"],
            &trusted
        ),
        ip("203.0.113.7"),
        "several headers are one list"
    );
}
