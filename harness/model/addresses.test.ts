import { describe, expect, it } from 'vitest';
import { addressProblem, hostOf, portOf, type ServiceKind, withoutLocalhost } from './addresses.ts';

describe('addressProblem', () => {
  it.each<[ServiceKind, string]>([
    ['http', 'http://127.0.0.1:8000'],
    ['http', 'https://user:pw@staging.example.com/api/v2/'],
    ['http', 'http://[::1]:8000'],
    ['postgres', 'postgres://u:p%40ss@db:5432/app?sslmode=require'],
    ['postgres', 'postgresql://db/app'],
    ['redis', 'rediss://:pw@cache.example.com:6380/2'],
  ])('accepts %s %s', (kind, address) => {
    expect(addressProblem(kind, address)).toBeNull();
  });

  it.each<[ServiceKind, string, string]>([
    ['http', 'staging.example.com', 'is no address'],
    ['http', 'ws://127.0.0.1', 'is no address of kind http'],
    ['http', 'http://127.0.0.1/?a=1', 'has the parameter `a`'],
    ['http', 'http://127.0.0.1/#x', 'has a part after #'],
    ['postgres', 'redis://127.0.0.1', 'is no address of kind postgres'],
    ['postgres', 'postgres:///app', 'names no host'],
    ['postgres', 'postgres://127.0.0.1/app?host=db.prod.example', 'has the parameter `host`'],
    ['postgres', 'postgres://127.0.0.1/app?password=x', 'has the parameter `password`'],
    ['postgres', 'postgres://%2Fvar%2Frun/app', 'names no host'],
    ['postgres', 'postgres://u:${secret}@127.0.0.1/app', 'holds the placeholder `${secret}`, which has no value here'],
    ['postgres', 'postgres://u:100%@127.0.0.1/app', 'has a % that begins no encoded character'],
    ['redis', 'redis://127.0.0.1?path=/run/redis.sock', 'has the parameter `path`'],
  ])('refuses %s %s', (kind, address, problem) => {
    expect(addressProblem(kind, address)?.problem).toContain(problem);
  });
});

describe('the parts of an address', () => {
  it.each<[ServiceKind, string, string, number]>([
    ['http', 'http://Staging.Example.com', 'staging.example.com', 80],
    ['http', 'https://[::1]/x', '::1', 443],
    ['http', 'http://127.1:81', '127.0.0.1', 81],
    ['postgres', 'postgres://DB.example.com/app', 'db.example.com', 5432],
    ['redis', 'rediss://cache', 'cache', 6379],
  ])('%s %s', (kind, address, host, port) => {
    expect([hostOf(address), portOf(kind, address)]).toEqual([host, port]);
  });

  it.each([
    ['http://localhost:8000/api', 'http://127.0.0.1:8000/api'],
    ['postgres://u:p%40ss@localhost:5432/app', 'postgres://u:p%40ss@127.0.0.1:5432/app'],
    ['https://localhost:8443', 'https://localhost:8443'],
    ['postgres://localhost/app?sslmode=require', 'postgres://localhost/app?sslmode=require'],
    ['redis://cache.example.com', 'redis://cache.example.com'],
  ])('localhost is looked up by nobody: %s', (address, expected) => {
    expect(withoutLocalhost(address)).toBe(expected);
  });
});
