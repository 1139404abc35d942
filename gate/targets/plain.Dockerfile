FROM muster/node:20
COPY plain-server.mjs /app/
CMD ["node", "/app/plain-server.mjs"]
