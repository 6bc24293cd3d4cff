// Start from the project's folder: `pm2 start ecosystem.config.cjs`. Nothing here is tied to one machine.
module.exports = {
  apps: [
    {
      name: 'my-store-api',
      script: 'dist/index.js',
      exec_mode: 'cluster',
      instances: 2,
      wait_ready: true,
      listen_timeout: 5000,
      kill_timeout: 5000,
      env: {
        NODE_ENV: 'production',
        HOST: process.env.HOST || '127.0.0.1',
        PORT: process.env.PORT || 3000,
        DATABASE_URL: process.env.DATABASE_URL,
      },
    },
  ],
}
