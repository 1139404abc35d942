/** A WebSocket frame, also one that breaks the rules. */
export interface Frame {
  readonly fin: boolean;
  /** Reserved bits, 0 to 7. */
  readonly reserved: number;
  /** 0 to 15. */
  readonly opcode: number;
  readonly masked: boolean;
  readonly payload: Uint8Array;
}

export const OPCODE = { continuation: 0, text: 1, binary: 2, close: 8, ping: 9, pong: 10 } as const;

const MASK = [0x11, 0x22, 0x33, 0x44] as const;

export function textFrame(text: string): Frame {
  return { fin: true, reserved: 0, opcode: OPCODE.text, masked: true, payload: Buffer.from(text, 'utf8') };
}

export function encodeFrame({ fin, reserved, opcode, masked, payload }: Frame): Buffer {
  const first = (fin ? 0x80 : 0) | (reserved << 4) | opcode;
  const size = payload.length;
  const flag = masked ? 0x80 : 0;
  const length =
    size < 126 ? [flag | size] : size < 65_536 ? [flag | 126, size >> 8, size & 255] : [flag | 127, 0, 0, 0, 0, ...bytesOf(size)];
  const body = masked ? payload.map((byte, index) => byte ^ (MASK[index % 4] ?? 0)) : payload;
  return Buffer.concat([Buffer.from([first, ...length, ...(masked ? MASK : [])]), body]);
}

/** Whole frames in what a server sent: never masked. */
export function decodeFrames(bytes: Buffer): readonly { readonly opcode: number; readonly payload: Buffer }[] {
  const frames: { readonly opcode: number; readonly payload: Buffer }[] = [];
  let at = 0;
  while (at + 2 <= bytes.length) {
    const short = (bytes[at + 1] ?? 0) & 0x7f;
    const header = short < 126 ? 2 : short === 126 ? 4 : 10;
    if (at + header > bytes.length) break;
    const size = short < 126 ? short : short === 126 ? bytes.readUInt16BE(at + 2) : Number(bytes.readBigUInt64BE(at + 2));
    if (at + header + size > bytes.length) break;
    frames.push({ opcode: (bytes[at] ?? 0) & 15, payload: bytes.subarray(at + header, at + header + size) });
    at += header + size;
  }
  return frames;
}

function bytesOf(size: number): readonly number[] {
  return [(size >>> 24) & 255, (size >>> 16) & 255, (size >>> 8) & 255, size & 255];
}

export function handshake(target: string, headers: Readonly<Record<string, string>> = {}): Buffer {
  const fields = {
    host: 'localhost',
    connection: 'Upgrade',
    upgrade: 'websocket',
    'sec-websocket-version': '13',
    'sec-websocket-key': 'dGhlIHNhbXBsZSBub25jZQ==',
    ...headers,
  };
  const lines = Object.entries(fields).map(([name, value]) => `${name}: ${value}`);
  return Buffer.from([`GET ${target} HTTP/1.1`, ...lines, '', ''].join('\r\n'), 'latin1');
}
