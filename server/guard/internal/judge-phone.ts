import { isPossiblePhoneNumber, isValidPhoneNumber } from 'libphonenumber-js/min';

/**
 * Whether text that is shaped like a phone number is one. International numbers must fit their
 * country's numbering plan; a national one is asked only when its context already said "phone", and
 * then its length decides, because the country is unknown.
 */
export function isPhoneNumber(value: string, isInternational: boolean): boolean {
  const digits = value.replace(/\D/g, '');
  if (digits.length < 7 || digits.length > 15 || /^(\d)\1+$/.test(digits)) return false;
  if (!isInternational) return true;
  const normal = `+${digits.replace(/^00/, '')}`;
  // The possible length first: asking the numbering plan for validity costs twice as much.
  if (/[ .()-]/.test(value) && isPossiblePhoneNumber(normal)) return true;
  return isValidPhoneNumber(normal);
}
