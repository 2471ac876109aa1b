import type { NextConfig } from 'next';

const nextConfig: NextConfig = {
  poweredByHeader: false,
  reactStrictMode: true,
  // Native and worker-thread packages must stay outside the bundle.
  serverExternalPackages: ['@node-rs/argon2', 'postgres', 'pino', 're2js'],
  typescript: { ignoreBuildErrors: true },
};

export default nextConfig;
