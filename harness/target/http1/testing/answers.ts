/** Answers as they stand on the wire, one character per byte, with what a client must make of them. */
export interface KnownAnswer {
  readonly name: string;
  readonly raw: string;
  readonly status: number;
  readonly text: string;
  /** GET when absent. */
  readonly method?: 'HEAD';
  readonly headers?: Readonly<Record<string, string>>;
  /** The end of the connection is the end of the body. */
  readonly untilClose?: true;
  /** What undici does otherwise. */
  readonly undici?: string;
}

const CHUNKED = 'HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n';

export const ANSWERS: readonly KnownAnswer[] = [
  { name: 'a body of known length', raw: 'HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\nhello', status: 200, text: 'hello' },
  { name: 'an empty body', raw: 'HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n', status: 200, text: '' },
  { name: 'no reason phrase', raw: 'HTTP/1.1 200 \r\nContent-Length: 2\r\n\r\nok', status: 200, text: 'ok' },
  { name: 'nothing after the status', raw: 'HTTP/1.1 200\r\nContent-Length: 2\r\n\r\nok', status: 200, text: 'ok' },
  { name: 'a bad status', raw: 'HTTP/1.1 503 Busy now\r\nContent-Length: 4\r\n\r\nshed', status: 503, text: 'shed' },
  {
    name: 'blanks, case and repeated headers',
    raw: 'HTTP/1.1 200 OK\r\nX-A:one\r\nx-a: \t two\r\nEMPTY:\r\nCONTENT-length:   2\r\n\r\nok',
    status: 200,
    text: 'ok',
    headers: { 'x-a': 'one, two', empty: '' },
  },
  {
    name: 'blanks after a value',
    raw: 'HTTP/1.1 200 OK\r\nX-A: one \t\r\nContent-Length: 2\r\n\r\nok',
    status: 200,
    text: 'ok',
    headers: { 'x-a': 'one' },
    undici: 'keeps the blanks',
  },
  {
    name: 'headers in Latin-1',
    raw: 'HTTP/1.1 200 OK\r\nX-Name: \xe9\r\nContent-Length: 2\r\n\r\nok',
    status: 200,
    text: 'ok',
    undici: 'reads header values as UTF-8',
  },
  { name: 'a body in UTF-8', raw: 'HTTP/1.1 200 OK\r\nContent-Length: 6\r\n\r\n\xe2\x82\xac\xc3\xa9!', status: 200, text: '€é!' },
  { name: 'a byte order mark', raw: 'HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\n\xef\xbb\xbfhi', status: 200, text: 'hi' },
  { name: '204 without body', raw: 'HTTP/1.1 204 No Content\r\n\r\n', status: 204, text: '' },
  { name: '304', raw: 'HTTP/1.1 304 Not Modified\r\nETag: "a"\r\n\r\n', status: 304, text: '' },
  {
    name: '304 with the length of a 200',
    raw: 'HTTP/1.1 304 Not Modified\r\nContent-Length: 10\r\n\r\n',
    status: 304,
    text: '',
    undici: 'misses the body, which RFC 9110, 8.6 says is not there',
  },
  { name: 'HEAD with the length of a GET', raw: 'HTTP/1.1 200 OK\r\nContent-Length: 10\r\n\r\n', status: 200, text: '', method: 'HEAD' },
  { name: 'HEAD of a chunked answer', raw: CHUNKED, status: 200, text: '', method: 'HEAD' },
  { name: 'chunks', raw: `${CHUNKED}5\r\nhello\r\n6\r\n world\r\n0\r\n\r\n`, status: 200, text: 'hello world' },
  { name: 'chunks with zeros and capitals', raw: `${CHUNKED}00A\r\n0123456789\r\n000\r\n\r\n`, status: 200, text: '0123456789' },
  { name: 'no chunk at all', raw: `${CHUNKED}0\r\n\r\n`, status: 200, text: '' },
  { name: 'chunk extensions', raw: `${CHUNKED}2;a=b;c="d e"\r\nok\r\n0;last\r\n\r\n`, status: 200, text: 'ok' },
  { name: 'trailers', raw: `${CHUNKED}2\r\nok\r\n0\r\nX-Sum: 1\r\nX-More: 2\r\n\r\n`, status: 200, text: 'ok' },
  { name: 'a character over two chunks', raw: `${CHUNKED}2\r\n\xe2\x82\r\n1\r\n\xac\r\n0\r\n\r\n`, status: 200, text: '€' },
  {
    name: 'codings before chunked',
    raw: 'HTTP/1.1 200 OK\r\nTransfer-Encoding: gzip, Chunked\r\n\r\n2\r\nok\r\n0\r\n\r\n',
    status: 200,
    text: 'ok',
  },
  { name: 'until the close', raw: 'HTTP/1.1 200 OK\r\n\r\nall the rest', status: 200, text: 'all the rest', untilClose: true },
  { name: 'nothing until the close', raw: 'HTTP/1.1 200 OK\r\nConnection: close\r\n\r\n', status: 200, text: '', untilClose: true },
  { name: 'HTTP/1.0', raw: 'HTTP/1.0 200 OK\r\n\r\nold', status: 200, text: 'old', untilClose: true },
  {
    name: 'HTTP/1.0 that keeps the connection',
    raw: 'HTTP/1.0 200 OK\r\nConnection: Keep-Alive\r\nContent-Length: 3\r\n\r\nold',
    status: 200,
    text: 'old',
  },
  {
    name: 'informational answers first',
    raw: 'HTTP/1.1 103 Early Hints\r\nLink: </a>\r\n\r\nHTTP/1.1 102 Processing\r\n\r\nHTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok',
    status: 200,
    text: 'ok',
  },
  {
    name: 'a go-ahead nobody asked for',
    raw: 'HTTP/1.1 100 Continue\r\n\r\nHTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok',
    status: 200,
    text: 'ok',
    undici: 'takes 100 for an error because it never sends Expect',
  },
  {
    name: 'headers named like object properties',
    raw: 'HTTP/1.1 200 OK\r\n__proto__: a\r\nconstructor: b\r\nContent-Length: 0\r\n\r\n',
    status: 200,
    text: '',
    headers: { constructor: 'b' },
  },
];

export interface Malformed {
  readonly name: string;
  readonly raw: string;
  /** Fails as soon as the bytes are there, not only when the connection ends. */
  readonly atOnce?: true;
}

const OK = 'HTTP/1.1 200 OK\r\n';

export const MALFORMED: readonly Malformed[] = [
  { name: 'nothing', raw: '' },
  { name: 'another protocol', raw: 'SSH-2.0-OpenSSH_9.6\r\n', atOnce: true },
  { name: 'HTTP/2', raw: 'HTTP/2 200\r\n\r\n', atOnce: true },
  { name: 'a request', raw: 'GET / HTTP/1.1\r\n\r\n', atOnce: true },
  { name: 'a word for a status', raw: 'HTTP/1.1 fine\r\n\r\n', atOnce: true },
  { name: 'two digits', raw: 'HTTP/1.1 20 OK\r\n\r\n', atOnce: true },
  { name: 'four digits', raw: 'HTTP/1.1 2000 OK\r\n\r\n', atOnce: true },
  { name: 'bare line feeds', raw: 'HTTP/1.1 200 OK\nContent-Length: 0\n\n', atOnce: true },
  { name: 'a bare carriage return', raw: `${OK}a: b\rc\r\nContent-Length: 0\r\n\r\n`, atOnce: true },
  { name: 'a folded header', raw: `${OK}a: b\r\n c\r\nContent-Length: 0\r\n\r\n`, atOnce: true },
  { name: 'a blank before the colon', raw: `${OK}Content-Length : 0\r\n\r\n`, atOnce: true },
  { name: 'a header without name', raw: `${OK}: b\r\nContent-Length: 0\r\n\r\n`, atOnce: true },
  { name: 'a header without colon', raw: `${OK}header\r\nContent-Length: 0\r\n\r\n`, atOnce: true },
  { name: 'a zero byte in a header', raw: `${OK}a: b\0c\r\nContent-Length: 0\r\n\r\n`, atOnce: true },
  { name: 'a length that is no number', raw: `${OK}Content-Length: five\r\n\r\nhello`, atOnce: true },
  { name: 'a negative length', raw: `${OK}Content-Length: -5\r\n\r\nhello`, atOnce: true },
  { name: 'a length with a sign', raw: `${OK}Content-Length: +5\r\n\r\nhello`, atOnce: true },
  { name: 'an empty length', raw: `${OK}Content-Length:\r\n\r\nhello`, atOnce: true },
  { name: 'two lengths', raw: `${OK}Content-Length: 5\r\nContent-Length: 6\r\n\r\nhello!`, atOnce: true },
  { name: 'a list of lengths', raw: `${OK}Content-Length: 5, 5\r\n\r\nhello`, atOnce: true },
  { name: 'length and chunks', raw: `${OK}Content-Length: 5\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n`, atOnce: true },
  { name: 'less than announced', raw: `${OK}Content-Length: 10\r\n\r\nhello` },
  { name: 'chunks without the last', raw: `${CHUNKED}5\r\nhello\r\n` },
  { name: 'a chunk size that is no number', raw: `${CHUNKED}five\r\nhello\r\n0\r\n\r\n`, atOnce: true },
  { name: 'no chunk size', raw: `${CHUNKED}\r\nhello\r\n0\r\n\r\n`, atOnce: true },
  { name: 'a chunk size in C', raw: `${CHUNKED}0x5\r\nhello\r\n0\r\n\r\n`, atOnce: true },
  { name: 'a negative chunk size', raw: `${CHUNKED}-5\r\nhello\r\n0\r\n\r\n`, atOnce: true },
  { name: 'a chunk longer than its size', raw: `${CHUNKED}4\r\nhello\r\n0\r\n\r\n`, atOnce: true },
  { name: 'a chunk shorter than its size', raw: `${CHUNKED}6\r\nhello\r\n0\r\n\r\n`, atOnce: true },
  { name: 'bare line feeds in chunks', raw: `${CHUNKED}5\nhello\n0\n\n`, atOnce: true },
  { name: 'a malformed trailer', raw: `${CHUNKED}0\r\nno trailer\r\n\r\n`, atOnce: true },
  { name: 'a folded trailer', raw: `${CHUNKED}0\r\na: b\r\n c\r\n\r\n`, atOnce: true },
  { name: 'a switch of protocols', raw: 'HTTP/1.1 101 Switching Protocols\r\nUpgrade: x\r\nConnection: upgrade\r\n\r\n', atOnce: true },
  { name: 'only informational answers', raw: 'HTTP/1.1 103 Early Hints\r\n\r\n' },
];
