using System.Globalization;

namespace Deucalion.Compliance.Differential;

/// <summary>One query over the data of one seed; times in milliseconds, a step of 0 is an instant query.</summary>
public sealed record RandomCase(int Seed, long Start, long End, long Step, string Query)
{
    private static readonly string[] Operators = [.. BinaryGenerator.Operators];

    /// <summary>Everything that takes its turn as the subject of a query.</summary>
    public static IReadOnlyList<string> Subjects { get; } = [.. CallGenerator.Functions, .. QueryGenerator.Aggregations, .. Operators];

    /// <summary>Case <paramref name="index"/> of a seed, whatever was generated before.</summary>
    public static RandomCase Create(int seed, int index)
    {
        var choice = new Choice(unchecked((seed * 1_000_003) + index));
        var query = new QueryGenerator(choice).About(Subjects[index % Subjects.Count]);
        var time = RandomData.Start + choice.Below((int)(RandomData.End - RandomData.Start));
        time = choice.Percent(4) ? RandomData.End + choice.Below(900_000) : Math.Max(time, RandomData.Start + 600_000);
        if (choice.Percent(50))
        {
            return new RandomCase(seed, time, time, 0, query);
        }

        var step = choice.Of(15_000, 30_000, 60_000, 7_000, 120_000, 301_000);
        return new RandomCase(seed, time, time + (step * choice.Below(20)) + choice.Of(0, 0, 1000), step, query);
    }

    /// <summary>Reads what <see cref="ToString"/> wrote.</summary>
    public static RandomCase Parse(string line)
    {
        var parts = line.Split(' ', 5);
        return new RandomCase(
            int.Parse(parts[0], CultureInfo.InvariantCulture),
            long.Parse(parts[1], CultureInfo.InvariantCulture),
            long.Parse(parts[2], CultureInfo.InvariantCulture),
            long.Parse(parts[3], CultureInfo.InvariantCulture),
            parts[4]);
    }

    public override string ToString() => string.Create(CultureInfo.InvariantCulture, $"{Seed} {Start} {End} {Step} {Query}");
}
