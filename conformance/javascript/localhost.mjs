// Resolves every name below .localhost to loopback (RFC 6761), which plain Linux does not do.
// Loaded before the program: node --import ./localhost.mjs program.mjs
import dns from "node:dns";

const lookup = dns.lookup;

dns.lookup = (hostname, options, callback) => {
  const name = hostname.toLowerCase().endsWith(".localhost") ? "127.0.0.1" : hostname;
  return lookup(name, options, callback);
};
