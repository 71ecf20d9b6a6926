/* Names that mean more than their addresses. */
#include "resolver.h"

#include <string.h>

/* Servers of encrypted DNS (DoH, DoT, DoQ) of those that browsers and phones offer in their settings: they would answer what
 * this resolver refuses. Under an allowlist a wildcard does not let them in, only their own name does. */
static const char *const encrypted_dns[] = {
    "adguard-dns.com", "adguard-dns.io", "alidns.com", "base.dns.mullvad.net", "chrome.cloudflare-dns.com", "cleanbrowsing.org",
    "cloudflare-dns.com", "controld.com", "dns.adguard.com", "dns.apple.com", "dns.comcast.net", "dns.cox.net", "dns.google",
    "dns.google.com", "dns.levonet.sk", "dns.mullvad.net", "dns.nextdns.io", "dns.pub", "dns.quad9.net", "dns.sb", "dns.switch.ch",
    "dns0.eu", "dns10.quad9.net", "dns11.quad9.net", "dns9.quad9.net", "dns64.dns.google", "doh.360.cn", "doh.cleanbrowsing.org",
    "doh.dns.apple.com", "doh.dns.sb", "doh.familyshield.opendns.com", "doh.libredns.gr", "doh.mullvad.net", "doh.opendns.com",
    "doh.pub", "doh.quickline.ch", "doh.xfinity.com", "firefox.dns.nextdns.io", "freedns.controld.com", "google-public-dns-a.google.com",
    "joindns4.eu", "mozilla.cloudflare-dns.com", "nextdns.io", "odoh.cloudflare-dns.com", "one.one.one.one", "private.canadianshield.cira.ca",
    "quad9.net", "resolver.dnscrypt.info", "security.cloudflare-dns.com", "wikimedia-dns.org",
};
/* Names that mean this machine or its LAN: RFC 6761, 6762, 7686, 8375, the ICANN's resolution on .internal, habit, and
 * our own of boxes. */
static const char *const local[] = {
    "local", "localhost", "localdomain", "onion", "home.arpa", "internal", "intranet", "lan", "home", "corp", "private", "resolver.arpa",
    "glovebox",
};

/* `name` is `suffix` or below it. */
static bool is_within(const char *name, const char *suffix) {
  size_t n = strlen(name), s = strlen(suffix);
  return n >= s && strcmp(name + n - s, suffix) == 0 && (n == s || name[n - s - 1] == '.');
}

/* Firefox asks for it: no such name means that the network's own resolver is to be used. */
bool special_is_canary(const char *name) { return is_within(name, "use-application-dns.net"); }

bool special_is_encrypted_dns(const char *name) {
  for (size_t i = 0; i < sizeof encrypted_dns / sizeof *encrypted_dns; i++)
    if (is_within(name, encrypted_dns[i])) return true;
  return false;
}

/* Single labels are a LAN's, too: search lists and NetBIOS live of them. */
bool special_is_local(const char *name) {
  for (size_t i = 0; i < sizeof local / sizeof *local; i++)
    if (is_within(name, local[i])) return true;
  return strchr(name, '.') == NULL;
}

static int nibble(uint8_t c) { return c >= '0' && c <= '9' ? c - '0' : c >= 'a' && c <= 'f' ? c - 'a' + 10 : -1; }

static bool reverse4(const struct name *name, struct address *ret) {
  size_t at = 0;
  ret->family = 4;
  for (int i = 3; i >= 0; i--) {
    size_t length = name->bytes[at];
    unsigned number = 0;
    if (length < 1 || length > 3) return false;
    for (size_t k = 1; k <= length; k++) {
      uint8_t c = name->bytes[at + k];
      if (c < '0' || c > '9') return false;
      number = number * 10 + (unsigned)(c - '0');
    }
    if (number > 255) return false;
    ret->bytes[i] = (uint8_t)number;
    at += length + 1;
  }
  return memcmp(name->bytes + at, "\7in-addr\4arpa", 14) == 0;
}

static bool reverse6(const struct name *name, struct address *ret) {
  ret->family = 6;
  for (size_t i = 0; i < 32; i++) {
    int value = nibble(name->bytes[2 * i + 1]);
    if (name->bytes[2 * i] != 1 || value < 0) return false;
    ret->bytes[15 - i / 2] |= (uint8_t)(i % 2 ? value << 4 : value);
  }
  return memcmp(name->bytes + 64, "\3ip6\4arpa", 10) == 0;
}

/* True where the name, in lower case, is that of one whole address; *ret_is_reverse for all names of that tree. */
bool special_reverse(const struct name *name, struct address *ret, bool *ret_is_reverse) {
  char text[NAME_TEXT_MAX];
  name_text(name, text, sizeof text);
  bool four = is_within(text, "in-addr.arpa"), six = is_within(text, "ip6.arpa");
  *ret_is_reverse = four || six;
  *ret = (struct address){0};
  return four ? reverse4(name, ret) : six && name->length == 74 && reverse6(name, ret);
}
