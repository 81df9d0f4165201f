/** The configuration as the rest of Sluice sees it: values, where each came from, and how they may be shown. */
import { hideUrlPassword } from "../core/secret-params.ts";
import { PUBLIC_SETTING_KEYS, settingOf, type SettingKey, type SettingValues } from "./settings.ts";

/** Where one value came from, and under which name: `--port`, `SLUICE_PORT`, `port in sluice.config.mjs`. */
export interface Origin {
  /** In the order of precedence, the strongest first. */
  readonly kind: "flag" | "environment" | "file" | "default";
  readonly name: string;
}

/** The configuration of one run of Sluice. Frozen; paths are absolute. */
export type Config = SettingValues & {
  readonly origins: Readonly<Record<SettingKey, Origin>>;
  /** What a person should know of the values given, such as a setting that has no effect yet. */
  readonly notices: readonly string[];
};

/** One setting as people may see it. */
export interface ShownSetting {
  readonly key: SettingKey;
  readonly environment: string;
  /** With dashes; null when there is none. */
  readonly flag: string | null;
  /** Secrets are masked; null when there is no value. */
  readonly value: string | number | boolean | null;
  readonly origin: Origin;
  readonly description: string;
  /** Why it changes nothing at present; null for most. */
  readonly noEffectYet: string | null;
}

/** The settings of a configuration in the order of the table, secrets masked, test settings left out. */
export function shownSettings(config: Config): readonly ShownSetting[] {
  return PUBLIC_SETTING_KEYS.map((key) => {
    const setting = settingOf(key);
    return {
      key,
      environment: setting.environment,
      flag: setting.flag === null ? null : `--${setting.flag}`,
      value: maskSetting(key, config[key]),
      origin: config.origins[key],
      description: setting.description,
      noEffectYet: setting.noEffectYet ?? null,
    };
  });
}

/** A value as it may be shown: without a password, and nothing at all of a token. */
function maskSetting<Value extends string | number | boolean | null>(
  key: SettingKey,
  value: Value,
): Value | string {
  const { secret } = settingOf(key);
  if (secret === undefined || typeof value !== "string") return value;
  return secret === "all" ? "…" : maskUrlPassword(value);
}

/** A URL with its password, in the authority or as a parameter, replaced by `…`. Text that is no URL is `…`. */
export function maskUrlPassword(text: string): string {
  if (!URL.canParse(text)) return "…";
  return hideUrlPassword(text);
}
