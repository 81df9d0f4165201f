# Sluice with a PostgreSQL of its own in the volume /data:
#   docker run -p 5000:5007 -v sluice:/data -e SLUICE_AUTH=none sluice
# With DATABASE_URL the volume holds the uploaded files alone. test/docker runs the same steps one by one.

FROM node:22-bookworm-slim AS build
WORKDIR /app
COPY package.json package-lock.json ./
RUN npm ci --no-audit --no-fund
COPY . .
RUN npm run build
RUN npm prune --omit=dev --no-audit --no-fund

FROM node:22-bookworm-slim
ENV NODE_ENV=production
ENV SLUICE_HOST=0.0.0.0
ENV SLUICE_DIR=/data
# 1000 is the user `node` of the image.
RUN install -d -o 1000 -g 1000 /data
WORKDIR /app
COPY --from=build /app/package.json ./
COPY --from=build /app/node_modules ./node_modules
COPY --from=build /app/dist ./dist
USER 1000
VOLUME /data
EXPOSE 5007
HEALTHCHECK --interval=10s --timeout=3s --start-period=30s CMD ["node", "-e", "fetch('http://127.0.0.1:5007/readyz').then((answer) => process.exit(answer.ok ? 0 : 1), () => process.exit(1))"]
ENTRYPOINT ["node", "/app/dist/sluice.js"]
CMD ["serve"]
