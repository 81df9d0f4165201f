/** Which addresses are of this machine, of a private network, or of nobody: a message must not be sent there unasked. */
import { BlockList, isIP } from "node:net";

const IPV4 = [
  ["0.0.0.0", 8],
  ["10.0.0.0", 8],
  ["100.64.0.0", 10],
  ["127.0.0.0", 8],
  ["169.254.0.0", 16],
  ["172.16.0.0", 12],
  ["192.0.0.0", 24],
  ["192.0.2.0", 24],
  ["192.88.99.0", 24],
  ["192.168.0.0", 16],
  ["198.18.0.0", 15],
  ["198.51.100.0", 24],
  ["203.0.113.0", 24],
  ["224.0.0.0", 4],
  ["240.0.0.0", 4],
] as const;

/** Only 2000::/3 is given out, and of that not these. */
const IPV6_SPECIAL = [
  ["2001::", 23], // protocol assignments, among them Teredo, which wraps an IPv4 address
  ["2001:db8::", 32], // documentation
  ["2002::", 16], // 6to4, which wraps an IPv4 address
  ["3fff::", 20], // documentation
] as const;

const blocked = new BlockList();
for (const [net, prefix] of IPV4) blocked.addSubnet(net, prefix, "ipv4");
for (const [net, prefix] of IPV6_SPECIAL) blocked.addSubnet(net, prefix, "ipv6");
const global6 = new BlockList();
global6.addSubnet("2000::", 3, "ipv6");

/** Whether an IP address is not one of the public internet. Text that is no address is not. */
export function isPrivateAddress(address: string): boolean {
  switch (isIP(address)) {
    case 4:
      return blocked.check(address, "ipv4");
    case 6:
      return !global6.check(address, "ipv6") || blocked.check(address, "ipv6");
    default:
      return true;
  }
}
