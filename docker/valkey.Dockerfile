# What is true now. The stock image, told to hold only what can be rebuilt:
#   docker build -f docker/valkey.Dockerfile -t rapt-valkey .
FROM valkey/valkey:9.1-alpine
USER valkey
EXPOSE 6379
HEALTHCHECK --interval=10s --timeout=3s --retries=3 \
    CMD ["sh", "-c", "REDISCLI_AUTH=\"$VALKEY_PASSWORD\" valkey-cli ping | grep -q PONG"]
CMD ["sh", "-c", "exec valkey-server --dir /data --requirepass \"$VALKEY_PASSWORD\" --appendonly yes --save '' --maxmemory 256mb --maxmemory-policy noeviction"]
