using System.Text;
using Deucalion.Common.Labels;

namespace Deucalion.PromQL.Operators.Aggregations;

/// <summary>The bytes of a label set that limit_ratio hashes: each name and value behind its length.</summary>
internal static class LabelBytes
{
    public static byte[] Of(Labels labels)
    {
        var bytes = new List<byte>();
        foreach (var text in labels.Pairs)
        {
            var utf8 = Encoding.UTF8.GetBytes(text);
            if (utf8.Length < 255)
            {
                bytes.Add((byte)utf8.Length);
            }
            else
            {
                bytes.AddRange([255, (byte)utf8.Length, (byte)(utf8.Length >> 8), (byte)(utf8.Length >> 16)]);
            }

            bytes.AddRange(utf8);
        }

        return [.. bytes];
    }
}
