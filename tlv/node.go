package tlv

// Node is one data object of a parsed tree. Parse is for people and programs that look at data at leisure; the kernels
// use Cursor.
type Node struct {
	Tag      Tag
	Value    []byte // the whole value, also of a constructed object
	Children []Node // of a constructed object
}

// Parse reads all objects of b and everything inside the constructed ones.
func Parse(b []byte) ([]Node, error) { return parse(Read(b)) }

// ParseTolerant is Parse with the padding rules of ReadTolerant.
func ParseTolerant(b []byte) ([]Node, error) { return parse(ReadTolerant(b)) }

func parse(c Cursor) ([]Node, error) {
	var nodes []Node
	for c.Next() {
		n := Node{Tag: c.tag, Value: c.Value()}
		if c.tag.Constructed() {
			children, err := parse(c.Enter())
			if err != nil {
				return nil, err
			}
			n.Children = children
		}
		nodes = append(nodes, n)
	}
	return nodes, c.Err()
}

// Append appends the object in its shortest encoding, with its children where it has any and its value otherwise.
func (n *Node) Append(dst []byte) []byte {
	if len(n.Children) == 0 {
		return Append(dst, n.Tag, n.Value)
	}
	dst, mark := Open(dst, n.Tag)
	for i := range n.Children {
		dst = n.Children[i].Append(dst)
	}
	return Close(dst, mark)
}
