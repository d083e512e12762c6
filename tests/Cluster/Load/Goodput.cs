namespace Deucalion.Cluster.Load;

/// <summary>Acknowledged samples over time, of each sender, out of a journal.</summary>
internal static class Goodput
{
    /// <summary>
    /// When every sender was first acknowledged something that it sent after <paramref name="fault"/>; null while one still waits. Only what was sent
    /// afterwards counts: an answer on its way may still come from before.
    /// </summary>
    public static TimeSpan? ResumedAt(IReadOnlyList<Delivery> deliveries, int senders, TimeSpan fault)
    {
        TimeSpan? latest = TimeSpan.Zero;
        for (var sender = 0; sender < senders; sender++)
        {
            var first = deliveries.Where(d => d.Sender == sender && d.Sent >= fault).Select(static d => (TimeSpan?)d.Acknowledged).Min();
            latest = first > latest || first is null ? first : latest;
            if (latest is null)
            {
                return null;
            }
        }

        return latest;
    }

    /// <summary>
    /// Longest time, beginning at or after <paramref name="from"/>, in which some sender got nothing acknowledged; still open silences count up to
    /// <paramref name="to"/>.
    /// </summary>
    public static TimeSpan LongestSilence(IReadOnlyList<Delivery> deliveries, int senders, TimeSpan from, TimeSpan to)
    {
        var longest = TimeSpan.Zero;
        for (var sender = 0; sender < senders; sender++)
        {
            var last = from;
            foreach (var time in deliveries.Where(d => d.Sender == sender && d.Acknowledged > from && d.Acknowledged <= to).Select(static d => d.Acknowledged).Order().Append(to))
            {
                longest = time - last > longest ? time - last : longest;
                last = time;
            }
        }

        return longest;
    }

    /// <summary>
    /// First moment after <paramref name="fault"/> at which every sender had, in the <paramref name="window"/> that ends there and in the one behind it, at least the
    /// <paramref name="share"/> of what it offers acknowledged; null where there is none before <paramref name="now"/>.
    /// </summary>
    public static TimeSpan? ReturnedAt(IReadOnlyList<Delivery> deliveries, LoadOptions options, double share, TimeSpan window, TimeSpan fault, TimeSpan now)
    {
        var wanted = options.SamplesPerSecond * window.TotalSeconds * share;
        var bySender = deliveries.ToLookup(static d => d.Sender);
        for (var at = fault + window; at + window <= now; at += window / 10)
        {
            if (Enumerable.Range(0, options.Senders).All(s => Samples(bySender[s], at - window, at) >= wanted && Samples(bySender[s], at, at + window) >= wanted))
            {
                return at;
            }
        }

        return null;
    }

    private static long Samples(IEnumerable<Delivery> deliveries, TimeSpan from, TimeSpan to) =>
        deliveries.Where(d => d.Acknowledged > from && d.Acknowledged <= to).Sum(static d => (long)d.Samples);
}
