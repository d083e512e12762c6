using System.Text;
using Deucalion.Common.Labels;
using Xunit;

namespace Deucalion.Common.Tests.Labels;

public sealed class LabelRegexProperties
{
    private static readonly string[] Atoms =
    [
        "a", "b", "ab", "-", ".", ".*", ".+", ".*", "[ab]", "[^a]", "a?", "(?:a|b)", "\\d", "\U0001F600", "(?i:A)", "b{2}", "(?-s:.)", "(?m:^)", "(?m:$)", "\\s", "\n", "^", "$", "\\b",
    ];

    [Fact]
    public void ShortCutsAgreeWithBothEngines_OnRandomPatterns()
    {
        var random = new Random(20260821);
        for (var i = 0; i < 1500; i++)
        {
            var pattern = RandomPattern(random, 3);
            var regex = LabelRegex.Parse(pattern);
            for (var j = 0; j < 25; j++)
            {
                var value = RandomValue(random);
                var expected = regex.IsMatchByMachine(value);
                Assert.True(expected == regex.IsMatchByEngine(value), $"engine: {pattern} on '{value}'");
                Assert.True(expected == regex.IsMatch(value), $"short cut: {pattern} on '{value}'");
                Assert.False(expected && !value.StartsWith(regex.Prefix, StringComparison.Ordinal), $"prefix: {pattern} on '{value}'");
            }

            foreach (var value in regex.Alternatives ?? [])
            {
                Assert.True(regex.IsMatchByMachine(value), $"alternative '{value}' of {pattern}");
            }
        }
    }

    [Fact]
    public void FailsOnlyWithSyntaxException_OnRandomText()
    {
        const string Alphabet = "ab()[]{}*+?|\\.^$,0123-:PpQEdwzxi<>=!s\u00e9";
        var random = new Random(7);
        for (var i = 0; i < 20_000; i++)
        {
            var text = new StringBuilder();
            for (var n = random.Next(1, 12); n > 0; n--)
            {
                text.Append(Alphabet[random.Next(Alphabet.Length)]);
            }

            try
            {
                var regex = LabelRegex.Parse(text.ToString());
                var expected = regex.IsMatchByMachine("ab-1");
                Assert.True(expected == regex.IsMatch("ab-1"), text.ToString());
            }
            catch (RegexSyntaxException e)
            {
                Assert.StartsWith("error parsing regexp: ", e.Message, StringComparison.Ordinal);
            }
        }
    }

    private static string RandomPattern(Random random, int depth)
    {
        var text = new StringBuilder();
        for (var n = random.Next(1, 5); n > 0; n--)
        {
            text.Append(depth > 0 && random.Next(5) == 0
                ? $"({RandomPattern(random, depth - 1)}|{RandomPattern(random, depth - 1)}){(random.Next(3) == 0 ? "*" : string.Empty)}"
                : Atoms[random.Next(Atoms.Length)]);
        }

        return text.ToString();
    }

    private static string RandomValue(Random random)
    {
        var text = new StringBuilder();
        for (var n = random.Next(0, 7); n > 0; n--)
        {
            text.Append(random.Next(7) switch { 0 or 1 => "a", 2 => "b", 3 => "-", 4 => "1", 5 => "\n", _ => "\U0001F600" });
        }

        return text.ToString();
    }
}
