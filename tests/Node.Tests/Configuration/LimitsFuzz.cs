using System.Text;
using Deucalion.Common.Tenants;
using Deucalion.Node.Configuration;
using Xunit;

namespace Deucalion.Node.Tests.Configuration;

/// <summary>Limits that somebody got wrong are refused in words or make limits that can be used: nothing else may happen to a node that reads them while it runs.</summary>
public sealed class LimitsFuzz
{
    private const string Sound = """
        limits:
          defaults:
            ingestion_rate: 10000
            ingestion_burst: 200000
            max_active_series: off
            max_request_size: 1MiB
            query_max_range: 31d
            query_timeout: 1m30s
          overrides:
            team-a: { max_labels_per_series: 40, query_max_bytes: 512MiB, query_max_samples: 1000 }
            "b": &b
              query_max_concurrent: 2
            c: *b
        query: { timeout: 90s }
        """;

    private static readonly string[] Pieces =
        ["\n", " ", ": ", "- ", "{", "}", "[", "]", "&b", "*b", "off", "-1", "99999999999999999999", "9223372036854775807", "300000y", "1e9", "MiB", "${", "${X:-1}", "$$", "'", "\"", "#", "|", "!!int", "? ", "\t", "\0", "\ud800", "limits:", "<<: *b"];

    [Fact]
    public void EndsInWordsOrInLimits_WhateverTheFileSays()
    {
        ConfigFile.Apply("c.yml", Sound, static _ => null, new NodeOptions());
        var sound = 0;
        for (var seed = 0; seed < 4000; seed++)
        {
            var random = new Random(seed);
            var text = new StringBuilder(Sound);
            for (var changes = random.Next(1, 4); changes > 0; changes--)
            {
                Change(text, random);
            }

            var options = new NodeOptions();
            try
            {
                ConfigFile.Apply("c.yml", text.ToString(), static _ => null, options);
            }
            catch (ConfigurationException e)
            {
                Assert.StartsWith("c.yml:", e.Message, StringComparison.Ordinal);
                continue;
            }

            sound++;
            var limits = options.Limits.ToLimits(options);
            Assert.All(limits.Overridden.Append(TenantId.Anonymous), tenant => Assert.True(limits.Of(tenant).MaxRequestBytes > 0));
        }

        Assert.InRange(sound, 20, 3900);
    }

    private static void Change(StringBuilder text, Random random)
    {
        var at = random.Next(text.Length);
        switch (random.Next(4))
        {
            case 0:
                text.Remove(at, Math.Min(random.Next(1, 12), text.Length - at));
                break;
            case 1:
                text.Insert(at, Pieces[random.Next(Pieces.Length)]);
                break;
            case 2:
                text[at] = (char)random.Next(32, 127);
                break;
            default:
                // A value of another key.
                var lines = text.ToString().Split('\n');
                text.Insert(at, lines[random.Next(lines.Length)]);
                break;
        }
    }
}
