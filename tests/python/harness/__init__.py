"""What the integration tests stand on: a raw client, a kernel process under audit, /proc."""
