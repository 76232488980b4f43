// The same with templates, members, a lambda and somebody else's headers.
#include <algorithm>
#include <map>
#include <string>
#include <vector>

namespace
{
struct Point {
	int x, y;
	bool operator<(const Point &o) const { return x < o.x || (x == o.x && y < o.y); }
};
}

namespace geo
{
template <class T> T total(const std::vector<T> &values)
{
	T sum{};

	for (const T &value : values)
		sum += value;
	return sum;
}

struct Shape {
	virtual ~Shape() {}
	virtual double area() const = 0;
};

class Square : public Shape {
	double side;

public:
	explicit Square(double length) : side(length) {}
	double area() const override { return side * side; }
};
}

int main(int argc, char **argv)
{
	std::map<Point, std::string> names;
	geo::Shape *shape = new geo::Square(argc);
	std::vector<int> values;

	for (int i = 0; i < 100 * argc; i++) {
		values.push_back(i ^ argc);
		names[Point{ i, i % 3 }] = argv[0];
	}
	std::sort(values.begin(), values.end(), [](int a, int b) { return (a & 7) < (b & 7); });
	int result = geo::total(values) + (int)names.size() + (int)shape->area();
	delete shape;
	return result & 1;
}
