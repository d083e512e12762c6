namespace Deucalion.Ingester.Tests.Remote;

/// <summary>Bytes that went wrong on the way.</summary>
internal static class Damage
{
    public static byte[] To(Random random, byte[] bytes)
    {
        switch (random.Next(5))
        {
            case 0:
                return bytes[..random.Next(bytes.Length)];
            case 1:
                random.NextBytes(bytes.AsSpan(random.Next(bytes.Length)));
                return bytes;
            case 2:
                return [.. bytes[random.Next(bytes.Length)..], .. bytes];
            default:
                for (var i = random.Next(1, 4); i > 0; i--)
                {
                    bytes[random.Next(bytes.Length)] ^= (byte)(1 << random.Next(8));
                }

                return bytes;
        }
    }
}
