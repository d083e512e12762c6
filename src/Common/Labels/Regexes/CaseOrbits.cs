using System.Text;

namespace Deucalion.Common.Labels.Regexes;

/// <summary>Groups of code points that case folding makes equal, such as k, K and the Kelvin sign.</summary>
internal static class CaseOrbits
{
    // .NET keeps it apart from s, as a letter that only one direction of mapping joins to ASCII.
    private const int LongS = 0x17F;

    private const int LastCased = 0x1E943;

    private static readonly Lazy<int[][]> Orbits = new(Build);
    private static readonly Lazy<Dictionary<int, int[]>> ByRune = new(() =>
        Orbits.Value.SelectMany(orbit => orbit.Select(rune => (rune, orbit))).ToDictionary(p => p.rune, p => p.orbit));

    public static int[][] All => Orbits.Value;

    /// <summary>The set of a code point and its other cases.</summary>
    public static CharSet Of(int rune) =>
        ByRune.Value.TryGetValue(rune, out var orbit) ? CharSet.Of(orbit.Select(r => (r, r)).ToList()) : CharSet.Of(rune);

    private static int[][] Build()
    {
        var orbits = new Dictionary<int, List<int>>();
        for (int c = 'A'; c <= LastCased; c++)
        {
            if (!Rune.IsValid(c))
            {
                continue;
            }

            var rune = new Rune(c);
            var key = c == LongS ? 's' : Rune.ToLowerInvariant(Rune.ToUpperInvariant(rune)).Value;
            if (key != c || Rune.ToUpperInvariant(rune) != rune)
            {
                if (!orbits.TryGetValue(key, out var orbit))
                {
                    orbits[key] = orbit = [];
                }

                orbit.Add(c);
            }
        }

        foreach (var (key, orbit) in orbits)
        {
            if (!orbit.Contains(key))
            {
                orbit.Add(key);
            }
        }

        return [.. orbits.Values.Where(o => o.Count > 1).Select(o => o.ToArray())];
    }
}
