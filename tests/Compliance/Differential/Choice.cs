namespace Deucalion.Compliance.Differential;

/// <summary>Seeded choices.</summary>
public sealed class Choice(int seed)
{
    private readonly Random _random = new(seed);

    public int Below(int bound) => _random.Next(bound);

    public bool Percent(int percent) => _random.Next(100) < percent;

    public double Fraction() => _random.NextDouble();

    public T Of<T>(params ReadOnlySpan<T> options) => options[_random.Next(options.Length)];

    public T Of<T>(IReadOnlyList<T> options) => options[_random.Next(options.Count)];
}
