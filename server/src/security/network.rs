//! Networks in CIDR notation, and whose address a request has when proxies stand between.

use std::{
    net::{IpAddr, Ipv4Addr, Ipv6Addr},
    str::FromStr,
};

/// `10.0.0.0/8`, `fd00::/8`, or a single address.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Network {
    base: u128,
    /// Of the IPv6 form, 0 to 128.
    prefix: u32,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct NotNetwork;

impl FromStr for Network {
    type Err = NotNetwork;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        let (address, prefix) = match text.split_once('/') {
            Some((address, prefix)) => (address, Some(prefix)),
            None => (text, None),
        };
        let address: IpAddr = address.parse().map_err(|_| NotNetwork)?;
        let width = if address.is_ipv4() { 32 } else { 128 };
        let prefix = match prefix {
            None => width,
            Some(text) => text.parse::<u32>().map_err(|_| NotNetwork)?,
        };
        if prefix > width {
            return Err(NotNetwork);
        }
        let prefix = prefix + (128 - width);
        Ok(Self {
            base: bits(address) & mask(prefix),
            prefix,
        })
    }
}

impl Network {
    pub fn contains(self, address: IpAddr) -> bool {
        bits(address) & mask(self.prefix) == self.base
    }
}

/// The rightmost hop that is not one of ours: everything left of it is the client's own claim.
pub fn client(peer: IpAddr, forwarded_for: &[&str], trusted: &[Network]) -> IpAddr {
    let ours = |address: IpAddr| trusted.iter().any(|network| network.contains(address));
    let mut seen = plain(peer);
    for hop in forwarded_for
        .iter()
        .rev()
        .flat_map(|header| header.rsplit(','))
    {
        if !ours(seen) {
            break;
        }
        match hop.trim().parse::<IpAddr>() {
            Ok(address) => seen = plain(address),
            // A hop that cannot be read ends what can be believed.
            Err(_) => break,
        }
    }
    seen
}

/// IPv4 addresses in IPv6 clothing are IPv4 addresses.
fn plain(address: IpAddr) -> IpAddr {
    match address {
        IpAddr::V6(v6) => v6.to_ipv4_mapped().map_or(address, IpAddr::V4),
        IpAddr::V4(_) => address,
    }
}

fn bits(address: IpAddr) -> u128 {
    match address {
        IpAddr::V4(v4) => u128::from(Ipv4Addr::to_ipv6_mapped(&v4)),
        IpAddr::V6(v6) => u128::from(Ipv6Addr::clone(&v6)),
    }
}

fn mask(prefix: u32) -> u128 {
    u128::MAX.checked_shl(128 - prefix).unwrap_or(0)
}
