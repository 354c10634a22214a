# What Google's caches keep, by kind of content. What is somebody's is never kept: its backends have no cache at all.

locals {
  hour = 3600 # seconds
  day  = 24 * local.hour
  year = 365 * local.day

  cdn = {
    # Scripts and styles, whose names hold a digest of what they say.
    static = { cache_mode = "CACHE_ALL_STATIC", ttl = local.year, query = false }
    # Pages and what the API says to everybody. The function says how long each is good (pages an hour, answers five
    # minutes or more), and with `no-store` that it is not to be kept.
    public = { cache_mode = "USE_ORIGIN_HEADERS", ttl = null, query = true }
  }
}
