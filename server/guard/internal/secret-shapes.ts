/**
 * Shapes of credentials that carry their provider's own prefix: `prefix`, then between `min` and `max`
 * characters of `body`. Formats are those the providers publish for secret scanning (GitHub's partner
 * programme, GitLab's token overview, Slack, Stripe, AWS and others). A published checksum is *not*
 * demanded: a mistyped key is still one that somebody believed in, and must not be stored either.
 */
export interface SecretShape {
  readonly detector: string;
  readonly prefix: string;
  readonly body: keyof typeof bodies;
  readonly min: number;
  readonly max: number;
}

/** Character sets of bodies. `word` contains what separates segments, `dotted` what separates parts. */
export const bodies = {
  alnum: /[A-Za-z0-9]/,
  word: /[A-Za-z0-9_-]/,
  dotted: /[A-Za-z0-9_.-]/,
  base64: /[A-Za-z0-9+/=_-]/,
  hex: /[0-9a-fA-F]/,
  upper: /[A-Z0-9]/,
} as const;

const shape = (
  detector: string,
  prefixes: string,
  body: SecretShape['body'],
  min: number,
  max: number = 255,
): SecretShape[] => prefixes.split(' ').map((prefix) => ({ detector, prefix, body, min, max }));

export const secretShapes: readonly SecretShape[] = [
  ...shape('signalbox_key', 'sbk_', 'word', 24),
  ...shape('aws_access_key', 'AKIA ASIA ABIA ACCA AROA AIDA', 'upper', 16, 17),
  ...shape('aws_bedrock_key', 'ABSK', 'base64', 100, 300),
  ...shape('gcp_api_key', 'AIza', 'word', 35, 40),
  ...shape('gcp_oauth_token', 'ya29.', 'dotted', 20, 1024),
  ...shape('gcp_client_secret', 'GOCSPX-', 'word', 24, 40),
  ...shape('github_token', 'ghp_ gho_ ghu_ ghs_ ghr_', 'alnum', 30),
  ...shape('github_token', 'github_pat_', 'word', 22),
  ...shape(
    'gitlab_token',
    'glpat- gldt- glrt- glcbt- glptt- glft- glsoat- glagent- glimt- glffct- gloas-',
    'dotted',
    18,
  ),
  ...shape('slack_token', 'xoxa- xoxb- xoxe- xoxo- xoxp- xoxr- xoxs- xoxc- xoxd-', 'base64', 10),
  ...shape('slack_token', 'xapp- xoxe.xoxp- xoxe.xoxb-', 'word', 10, 300),
  ...shape('stripe_key', 'sk_live_ sk_test_ rk_live_ rk_test_', 'alnum', 16),
  ...shape('stripe_webhook_secret', 'whsec_', 'base64', 24),
  ...shape('anthropic_key', 'sk-ant-', 'word', 20, 300),
  ...shape('openai_key', 'sk-proj- sk-svcacct- sk-admin- sk-None-', 'word', 20, 300),
  ...shape('openrouter_key', 'sk-or-v1-', 'hex', 32),
  ...shape('langfuse_key', 'sk-lf-', 'word', 20),
  ...shape('openai_key', 'sk-', 'word', 20, 300),
  ...shape('huggingface_token', 'hf_', 'alnum', 30, 60),
  ...shape('replicate_token', 'r8_', 'alnum', 30, 60),
  ...shape('groq_key', 'gsk_', 'alnum', 40, 80),
  ...shape('xai_key', 'xai-', 'alnum', 40, 120),
  ...shape('perplexity_key', 'pplx-', 'alnum', 32, 80),
  ...shape('pinecone_key', 'pcsk_', 'word', 32, 120),
  ...shape('langsmith_key', 'lsv2_pt_ lsv2_sk_', 'word', 32, 80),
  ...shape('tavily_key', 'tvly-', 'word', 20, 80),
  ...shape('npm_token', 'npm_', 'alnum', 30, 80),
  ...shape('pypi_token', 'pypi-AgE', 'word', 40, 600),
  ...shape('rubygems_key', 'rubygems_', 'hex', 40, 64),
  ...shape('docker_token', 'dckr_pat_ dckr_oat_', 'word', 20, 80),
  ...shape('shopify_token', 'shpat_ shpca_ shppa_ shpss_', 'hex', 32, 64),
  ...shape('square_token', 'sq0atp- sq0csp- sq0idp-', 'word', 20, 64),
  ...shape('digitalocean_token', 'dop_v1_ doo_v1_ dor_v1_', 'hex', 60, 70),
  ...shape('linear_key', 'lin_api_', 'alnum', 32, 64),
  ...shape('notion_token', 'ntn_ secret_', 'alnum', 40, 60),
  ...shape('figma_token', 'figd_', 'word', 32, 80),
  ...shape('databricks_token', 'dapi', 'hex', 32, 40),
  ...shape('vault_token', 'hvs. hvb. hvr.', 'word', 24, 300),
  ...shape('doppler_token', 'dp.pt. dp.st. dp.ct. dp.sa.', 'alnum', 40, 60),
  ...shape('grafana_token', 'glsa_ glc_', 'base64', 32, 300),
  ...shape('newrelic_key', 'NRAK- NRII- NRJS-', 'alnum', 19, 60),
  ...shape('sentry_token', 'sntrys_ sntryu_', 'base64', 40, 300),
  ...shape('postman_key', 'PMAK-', 'word', 40, 80),
  ...shape('planetscale_token', 'pscale_tkn_ pscale_pw_ pscale_oauth_', 'dotted', 30, 80),
  ...shape('supabase_key', 'sbp_ sb_secret_', 'word', 30, 80),
  ...shape('netlify_token', 'nfp_', 'alnum', 36, 60),
  ...shape('heroku_key', 'HRKU-', 'word', 36, 80),
  ...shape('atlassian_token', 'ATATT3 ATCTT3 ATBB', 'base64', 24, 300),
  ...shape('alibaba_key', 'LTAI', 'alnum', 16, 26),
  ...shape('facebook_token', 'EAAC EAAB EAAG EAAJ EAAM', 'alnum', 40, 400),
  ...shape('age_key', 'AGE-SECRET-KEY-1', 'upper', 50, 70),
  ...shape('mailgun_key', 'key-', 'hex', 32, 32),
  ...shape('sendgrid_key', 'SG.', 'dotted', 60, 80),
  ...shape('fly_token', 'fo1_', 'word', 40, 80),
  ...shape('cloudflare_token', 'v1.0-', 'word', 140, 200),
  ...shape('buildkite_token', 'bkua_', 'hex', 40, 40),
  ...shape('clojars_token', 'CLOJARS_', 'hex', 60, 60),
  ...shape('typeform_token', 'tfp_', 'word', 40, 80),
  ...shape('sourcegraph_token', 'sgp_', 'word', 40, 80),
  ...shape('readme_key', 'rdme_', 'alnum', 60, 80),
  ...shape('easypost_key', 'EZAK EZTK', 'alnum', 54, 60),
  ...shape('duffel_key', 'duffel_live_ duffel_test_', 'word', 40, 60),
  ...shape('contentful_token', 'CFPAT-', 'word', 40, 60),
];
