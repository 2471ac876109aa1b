import { describe, expect, it } from 'vitest';
import { calibrate, fitCalibration, maliciousScoreMin, suspiciousScoreMin } from './calibrate.ts';

describe('calibration', () => {
  const innocent = Array.from({ length: 10_000 }, (_, index) => index / 1000);
  const knots = fitCalibration(innocent);
  const shareFrom = (score: number) =>
    innocent.filter((value) => calibrate(knots, value) >= score).length / innocent.length;

  it('gives a score to as many innocent texts as it promises', () => {
    expect(shareFrom(suspiciousScoreMin)).toBeCloseTo(0.01, 3);
    expect(shareFrom(maliciousScoreMin)).toBeCloseTo(0.001, 3);
  });

  it('never falls, and stays within 0 and 1', () => {
    let before = 0;
    for (let value = -20; value < 40; value += 0.01) {
      const score = calibrate(knots, value);
      expect(score).toBeGreaterThanOrEqual(before);
      expect(score).toBeLessThanOrEqual(1);
      before = score;
    }
    expect(before).toBeGreaterThan(maliciousScoreMin);
  });

  it('counts texts by their weight', () => {
    const weights = innocent.map((_, index) => (index % 2 === 0 ? 3 : 1));
    const weighted = fitCalibration(innocent, weights);
    for (const [at, knot] of knots.entries()) {
      expect(weighted[at]?.value).toBeCloseTo(knot.value, 1);
    }
    const loud = fitCalibration(
      innocent,
      innocent.map((value) => (value > 9.8 ? 0 : 1)),
    );
    expect(calibrate(loud, 9.796)).toBeGreaterThan(maliciousScoreMin);
  });

  it('rises even where innocent texts all have one value', () => {
    const flat = fitCalibration(Array.from({ length: 50 }, () => 1));
    expect(calibrate(flat, 0.9)).toBeLessThan(suspiciousScoreMin);
    expect(calibrate(flat, 5)).toBeGreaterThan(maliciousScoreMin);
  });
});
