/** `cache:` in lastgood.yaml: what holds answers of a release that was left, and how they are thrown away. Times in ms. */
export interface CacheConfiguration {
  redis: RedisCache[]
  http: HttpPurge[]
  /** Run in the folder of the release that is gone back to, with its environment. */
  commands: string[][]
  /** For each of them. */
  timeoutMs: number
}

export interface RedisCache {
  /** A secret. */
  url: string
  /** Keys that begin with one of these are removed, and no other. */
  prefixes: string[]
}

export interface HttpPurge {
  method: string
  url: string
  headers: Record<string, string>
}
