/**
 * The addresses and names of every box's network, the same for all, so that they tell nothing of the machine. 192.0.0.0/29 is for
 * such links inside of one host (RFC 7335) and on no LAN, as 198.18.0.0/15 is for tests (RFC 2544); the prefixes of IPv6 are unique local ones (RFC 4193).
 */
export const LINK = {
  box: {
    interface: 'eth0',
    mac: '02:67:62:00:00:02',
    address4: '192.0.0.2',
    bits4: 30,
    address6: 'fd67:6c6f:7665::2',
    bits6: 64,
    /** Of its MAC address (RFC 4291, appendix A). */
    local6: 'fe80::67:62ff:fe00:2',
  },
  /** The gate, as the box sees it: its router and its resolver. */
  gate: {
    interface: 'box0',
    mac: '02:67:62:00:00:01',
    address4: '192.0.0.1',
    address6: 'fd67:6c6f:7665::1',
  },
  /** The gate, as pasta sees it. */
  outward: {
    interface: 'pasta0',
    mac: '02:67:62:00:00:06',
    address4: '192.0.0.6',
    bits4: 30,
    address6: 'fd67:6c6f:7666::2',
    bits6: 64,
  },
  /** pasta itself: the gate's router, and the address that it takes questions for names at. */
  pasta: {
    mac: '02:67:62:00:00:05',
    address4: '192.0.0.5',
    address6: 'fd67:6c6f:7666::1',
  },
  /** The gate, as the other boxes of a network see it: its addresses end with the box's number there (native/join.c). */
  joined: {
    interface: 'join0',
    range4: '198.18.0.0/24',
    range6: 'fd67:6c6f:7667::/64',
  },
} as const

/** NFLOG's group for what the firewall refuses. */
export const REFUSED_GROUP = 7

/** Of Ethernet as pasta carries it: no header of the host's network is ever longer (passt(1), --mtu). */
export const LINK_MTU = 65_520
