import { SkeletonRows } from '#components/ui/skeleton.tsx';

/** Stands in for a page while it is fetched. */
export default function Loading() {
  return (
    <div className="flex flex-1 flex-col">
      <div className="h-12 shrink-0 border-b border-line" />
      <SkeletonRows count={12} label="Loading the page" />
    </div>
  );
}
