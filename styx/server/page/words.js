// How moments, durations and money are written.

export function duration(seconds) {
  if (seconds < 0) return "0 s";
  if (seconds < 10) return `${seconds.toFixed(1)} s`;
  if (seconds < 60) return `${Math.floor(seconds)} s`;
  if (seconds < 3600) return `${Math.floor(seconds / 60)} min ${Math.floor(seconds % 60)} s`;
  if (seconds < 86400) return `${Math.floor(seconds / 3600)} h ${Math.floor((seconds % 3600) / 60)} min`;
  return `${Math.floor(seconds / 86400)} d ${Math.floor((seconds % 86400) / 3600)} h`;
}

export function short(seconds) {
  return duration(seconds).replace(/ (min|h|d) .*$/, " $1").replace(/\.\d s$/, " s");
}

export const ago = (moment, now) => (moment > now ? `in ${short(moment - now)}` : `${short(now - moment)} ago`);
export const usd = (amount) => `$${amount.toFixed(amount < 10 ? 2 : amount < 1000 ? 1 : 0)}`;
export const many = (count, one) => `${count} ${one}${count === 1 ? "" : "s"}`;

export function bytes(count) {
  if (count < 1024) return `${count} bytes`;
  return count < 1 << 20 ? `${(count / 1024).toFixed(1)} KiB` : `${(count / (1 << 20)).toFixed(1)} MiB`;
}
